/* The planning's boxes: cost at each tick, draft sent as it is made, kept on the device while the network is away.
   Comfort only: without it every button of the page still works. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft-url]");
  if (!form) return;
  const all = (selector, root = form) => [...root.querySelectorAll(selector)];
  const one = (selector, root = form) => root.querySelector(selector);
  const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
  const euros = cents => `${cents < 0 ? "−" : ""}${(Math.abs(cents) / 100).toLocaleString("fr-FR", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}\u202f€`;
  const child = form.elements.enfant.value, KEPT_DAYS = 7, MOST_SENT = 500;
  const store = `preau-planning-${form.dataset.person}`;

  // A box: its name in the form, what it says, what it costs
  const controls = all("[data-row]").map(control => ({ control, row: control.dataset.row, name: control.name.replace(/^d-/, "j-") }));
  const byName = new Map(controls.map(box => [box.name, box]));
  const isHours = box => box.control.type === "time";
  const ends = box => form.elements[box.control.name.replace(/^d-/, "f-")];
  const isOn = box => box.control.type === "checkbox" ? box.control.checked : box.control.value !== "";
  const fieldsOf = box => {
    if (isHours(box)) return { [box.name]: form.elements[box.name].value, [box.control.name]: box.control.value, [ends(box).name]: ends(box).value };
    return isOn(box) ? { [box.name]: box.control.value } : {};
  };
  const isHalfTyped = box => isHours(box) && (box.control.value === "") !== (ends(box).value === "");
  const minutes = text => text.split(":").reduce((hours, part) => hours * 60 + Number(part), 0);
  const centsOf = box => {
    const { control } = box;
    if (isHours(box)) return isOn(box) && ends(box).value ? Math.round(Number(control.dataset.hourCents) * Math.max(0, minutes(ends(box).value) - minutes(control.value)) / 60) : 0;
    if (control.type === "checkbox") {
      const slot = control.closest("[data-cents]");
      return Number(control.checked ? slot.dataset.cents : slot.dataset.kept);
    }
    const kept = control.value === control.dataset.was ? 0 : Number(control.dataset.kept);
    return kept + Number(control.selectedOptions[0].dataset.cents);
  };
  const cost = one("[data-cost]"), said = one("[data-said]");
  const showCost = () => put(cost, euros(Number(form.dataset.fixed) + controls.reduce((sum, box) => sum + centsOf(box), 0)));

  // What is not sent yet, by child: kept on the device until the town has it
  const read = () => { try { return JSON.parse(localStorage.getItem(store)) || {}; } catch { return {}; } };
  const write = kept => { try { Object.keys(kept).length ? localStorage.setItem(store, JSON.stringify(kept)) : localStorage.removeItem(store); } catch { /* private window: memory only */ } };
  const isFresh = kept => Date.now() - kept.at < KEPT_DAYS * 86_400_000;
  const mine = read()[child];
  const pending = new Map(mine && isFresh(mine) ? Object.entries(mine.boxes) : []);
  const keep = () => {
    const kept = Object.fromEntries(Object.entries(read()).filter(([id, theirs]) => id !== child && isFresh(theirs)));
    if (pending.size) kept[child] = { at: Date.now(), boxes: Object.fromEntries(pending) };
    write(kept);
  };
  const offline = one("[data-offline]"), offlineWords = one("[data-offline-words]");
  const warn = words => { put(offlineWords, words); offline.hidden = false; };
  const AWAY = "Hors ligne\u202f: vos choix sont gardés sur cet appareil.";
  const SILENT = "La mairie ne répond pas pour le moment\u202f: vos choix sont gardés sur cet appareil.";
  const ENDED = "Votre session est terminée\u202f: vos choix sont gardés sur cet appareil. Connectez-vous de nouveau pour les envoyer.";

  // What the town has of each box, as the page said it: a button sends again only what it has not
  const shown = new Map([...form.elements.montrees.value.matchAll(/([^;]{22}):([^;]*)/g)].flatMap(([, id, days]) => days.split(",").map(day => [`j-${id}-${day.slice(0, 10)}`, day.slice(10)])));
  const says = fields => `=${Object.values(fields).slice(-2).join("-")}`; // a code, two hours or nothing
  const listed = boxes => {
    const days = new Map();
    for (const [name, shows] of boxes) {
      const id = name.slice(2, 24), day = name.slice(25) + shows;
      days.set(id, [...(days.get(id) || []), day]);
    }
    return [...days].map(([id, same]) => `${id}:${same.join(",")}`).join(";");
  };
  // A day of another month is named: no box of the page says it
  const named = name => [
    one(`[data-service="${name.slice(2, 24)}"]`)?.dataset.name,
    new Date(`${name.slice(25)}T12:00`).toLocaleDateString("fr-FR", { weekday: "long", day: "numeric", month: "long" }).replace(" 1 ", " 1er "),
  ].filter(Boolean).join(", ");
  const refuse = (name, why) => {
    const box = byName.get(name), words = why.replace(/\.$/, "");
    if (!box) return `Non gardé (${named(name)})\u202f: ${words}.`;
    if (box.control.type === "checkbox") box.control.checked = box.control.closest(".slot").dataset.was === "1";
    const slot = box.control.closest(".slot");
    const line = one(".slot__why", slot) || slot.appendChild(Object.assign(document.createElement("span"), { className: "slot__why" }));
    put(line, why);
    return `Non gardé\u202f: ${words}.`;
  };
  const show = answer => {
    put(cost, answer.cost);
    put(one("[data-count]"), String(answer.count));
    put(one("[data-count-said]"), `${answer.count} changement${answer.count > 1 ? "s" : ""} à valider.`);
    form.elements.annonce.value = answer.total;
    for (const [id, changes] of Object.entries(answer.children)) {
      const count = document.querySelector(`[data-changes="${id}"]`);
      if (count) { put(count, String(changes)); count.hidden = !changes; }
    }
    const refusals = Object.entries(answer.refused).map(([name, why]) => refuse(name, why));
    if (!refusals.length) return;
    put(said, [...new Set(refusals)].join(" "));
    rows.forEach(showRow);
  };

  let sending = null, timer = 0;
  const post = async () => {
    const sent = new Map([...pending].slice(0, MOST_SENT)), body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "enfant", "vue", "jour"]) body.set(name, form.elements[name].value);
    body.set("montrees", listed([...sent.keys()].map(name => [name, ""])));
    for (const fields of sent.values()) Object.entries(fields).forEach(([name, value]) => body.set(name, value));
    const response = await fetch(form.dataset.draftUrl, { method: "POST", body }).catch(() => null);
    const answer = await response?.json().catch(() => null);
    if (!answer) {
      if (!response) warn(AWAY);
      else warn(response.redirected || response.status === 403 ? ENDED : SILENT);
      return false;
    }
    for (const [name, fields] of sent) if (pending.get(name) === fields) pending.delete(name);
    keep();
    if (!offline.hidden) {
      offline.hidden = true;
      put(said, offlineWords.textContent === AWAY ? "De nouveau en ligne\u202f: vos choix sont envoyés." : "Vos choix sont envoyés.");
    }
    if (answer.faults.length) put(said, answer.faults.join(" "));
    else {
      for (const [name, fields] of sent) if (shown.has(name) && !(name in answer.refused)) shown.set(name, says(fields));
      form.elements.montrees.value = listed(shown);
      show(answer);
    }
    return true;
  };
  const flush = async () => {
    clearTimeout(timer);
    while (pending.size) {
      sending = sending || post().finally(() => { sending = null; });
      if (!await sending) { timer = setTimeout(flush, 15_000); return false; }
    }
    return true;
  };
  const changed = boxes => {
    for (const box of boxes) if (!isHalfTyped(box)) pending.set(box.name, fieldsOf(box));
    keep();
    showCost();
    if (navigator.onLine === false) warn(AWAY);
    clearTimeout(timer);
    timer = setTimeout(flush, 500);
  };

  // The first box of a row: every day that can still be changed (C30)
  const rows = all("[data-service]").map(service => ({ service, box: one("[data-all]", service), boxes: controls.filter(box => box.row === service.dataset.service) }));
  const showRow = ({ box, boxes }) => {
    const on = boxes.filter(isOn).length;
    box.checked = boxes.length > 0 && on === boxes.length;
    box.indeterminate = on > 0 && on < boxes.length;
  };
  const set = (box, service, on) => {
    if (isHours(box)) {
      box.control.value = on ? one("[data-all-from]", service).value : "";
      ends(box).value = on ? one("[data-all-to]", service).value : "";
    } else if (box.control.type === "checkbox") box.control.checked = on;
    else {
      const wished = one("[data-all-unit]", service)?.value, options = [...box.control.options].map(option => option.value);
      box.control.value = !on ? "" : options.includes(wished) ? wished : options[1] || "";
    }
  };
  const tickRow = ({ service, box, boxes }) => {
    const on = box.checked, some = boxes.filter(each => isOn(each) !== on), name = service.dataset.name;
    if (on && some.some(isHours) && !(one("[data-all-from]", service).value && one("[data-all-to]", service).value)) {
      box.checked = false;
      put(said, "Indiquez d’abord l’heure d’arrivée et l’heure de départ.");
      return;
    }
    some.forEach(each => set(each, service, on));
    const s = some.length > 1 ? "s" : "";
    const done = some.length ? `${some.length} jour${s} ${on ? "coché" : "décoché"}${s} pour ${name}.` : `${name}\u202f: aucun jour à cocher.`;
    put(said, on ? `${done} ${service.dataset.skipped}`.trim() : done);
    showRow({ box, boxes });
    changed(some);
  };
  rows.forEach(row => {
    row.box.hidden = !row.boxes.length;
    showRow(row);
    row.box.addEventListener("change", () => tickRow(row));
  });

  form.addEventListener("change", event => {
    const box = byName.get((event.target.name || "").replace(/^[df]-/, "j-"));
    if (!box || event.target.dataset.all !== undefined) return;
    event.target.closest(".slot")?.querySelector(".slot__why")?.remove();
    if (event.target.tagName === "SELECT") event.target.closest(".slot").classList.toggle("is-changed", event.target.value !== event.target.dataset.was);
    changed([box]);
    rows.filter(row => row.boxes.includes(box)).forEach(showRow);
  });

  // A button waits for what is not sent yet: what it shows next must know of every tick
  form.addEventListener("submit", event => {
    if (!pending.size && !sending) return;
    event.preventDefault();
    flush().then(isSent => { if (isSent) form.requestSubmit(event.submitter); });
  });
  addEventListener("online", flush);

  // Ticks made before the network went away
  for (const [name, fields] of pending) {
    const box = byName.get(name);
    if (!box) continue;
    if (box.control.type === "checkbox") box.control.checked = name in fields;
    else if (isHours(box)) { box.control.value = fields[box.control.name]; ends(box).value = fields[ends(box).name]; }
    else box.control.value = fields[name] || "";
  }
  form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "a_jour", value: "1" }));
  document.querySelectorAll("[data-without-script]").forEach(part => { part.hidden = true; });
  if (pending.size) { rows.forEach(showRow); showCost(); flush(); } else keep();
})();
