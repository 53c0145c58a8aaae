/* Préau: comfort only. Every page works without this file; the contract of each attribute is in ui/README.md. */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);
  const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };

  // Running total of the ticked invoices, in cents; the <output> is read out when it changes
  const euros = cents => `${(cents / 100).toLocaleString("fr-FR", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}\u202f€`;
  const bills = all("[data-bill]");
  const total = () => {
    const ticked = bills.filter(bill => bill.checked), s = ticked.length > 1 ? "s" : "";
    put(one("#total"), euros(ticked.reduce((sum, bill) => sum + Number(bill.dataset.bill), 0)));
    put(one("#total-count"), ticked.length ? `${ticked.length} facture${s} choisie${s}` : "Aucune facture choisie");
    one(".button--primary", bills[0].form)?.setAttribute("aria-disabled", String(!ticked.length));
  };
  if (bills.length) {
    bills.forEach(bill => bill.addEventListener("change", total));
    addEventListener("pageshow", total); // the browser ticks boxes again after « Précédent »
  }

  // A menu wider than the phone starts on the page it is on
  all(".side-nav [aria-current], .tabs--wrap [aria-current]").forEach(link => {
    const list = link.closest(".side-nav, .tabs--wrap"), at = link.getBoundingClientRect(), whole = list.getBoundingClientRect();
    list.scrollLeft += at.left + at.width / 2 - whole.left - whole.width / 2;
  });

  // Buttons
  const show = button => {
    const input = document.getElementById(button.dataset.show), visible = input.type === "password";
    input.type = visible ? "text" : "password";
    put(button.firstChild, visible ? "Masquer" : "Afficher");
    button.setAttribute("aria-pressed", String(visible));
  };
  const copy = async button => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    put(button, "Copié");
  };
  all("[data-show], [data-print]").forEach(button => { button.hidden = false; });
  if (navigator.clipboard) all("[data-copy]").forEach(button => { button.hidden = false; });
  document.addEventListener("click", event => {
    const button = event.target.closest("button, a.button");
    if (!button) return;
    if (button.getAttribute("aria-disabled") === "true") event.preventDefault();
    else if (button.dataset.open) document.getElementById(button.dataset.open).showModal();
    else if (button.dataset.close) document.getElementById(button.dataset.close).close();
    else if (button.dataset.show) show(button);
    else if ("print" in button.dataset) print();
    else if (button.dataset.copy) copy(button);
  });

  // Preparation of a payment: sent once per visit, never again after « Précédent » or a reload
  const form = one("form[data-auto-submit]");
  if (form && !history.state?.sent) {
    history.replaceState({ sent: true }, "");
    form.requestSubmit();
  }

  // What the bank has not said yet: asked every 2 s for a minute (205: there is something new to show)
  all("[data-refresh-url]").forEach(part => {
    let left = 30, shown = part.innerHTML.trim();
    const ask = async () => {
      left -= 1;
      const answer = await fetch(part.dataset.refreshUrl, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
      if (answer?.status === 205) return location.reload();
      const html = answer?.ok && !answer.redirected ? (await answer.text()).trim() : shown;
      if (html !== shown) part.innerHTML = shown = html; // the same words are not read out twice
      if (left) setTimeout(ask, 2000);
    };
    setTimeout(ask, 2000);
  });

  // A place in the waiting room: looked at when the page says so; only its words change, then the awaited page opens
  const look = async place => {
    const answer = await fetch(place.dataset.lookUrl, { headers: { "X-Preau-Look": "1" } }).catch(() => null);
    if (answer && answer.status !== 503) return location.assign(place.dataset.lookUrl);
    const said = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    ["attente-place", "attente-temps"].forEach(id => {
      const fresh = said?.getElementById(id);
      if (fresh) put(document.getElementById(id), fresh.textContent);
    });
    const next = said?.querySelector("[data-look-in]")?.dataset.lookIn ?? place.dataset.lookIn;
    setTimeout(look, next * 1000, place);
  };
  all("[data-look-in]").forEach(place => setTimeout(look, place.dataset.lookIn * 1000, place));

  // End of the session: a warning that can be answered, shared between the tabs of this browser
  const dialog = one("[data-session-ends-in]");
  if (dialog) {
    const length = Number(dialog.dataset.sessionEndsIn) * 1000, warning = Math.min(120_000, length / 2);
    const tabs = new BroadcastChannel("preau-session");
    let end = Date.now() + length;
    const alive = left => { end = Date.now() + left; if (dialog.open) dialog.close(); };
    tabs.onmessage = message => alive(message.data);
    tabs.postMessage(length);
    const minutes = ms => `${Math.ceil(ms / 60_000)} minute${ms > 60_000 ? "s" : ""}`;
    const look = () => {
      const left = end - Date.now();
      if (left <= 0) return location.assign(dialog.dataset.sessionLogin);
      if (left <= warning) { put(one("[data-session-left]", dialog), minutes(left)); if (!dialog.open) dialog.showModal(); }
      setTimeout(look, 1000);
    };
    const stay = one("form", dialog), login = dialog.dataset.sessionLogin;
    stay.addEventListener("submit", async event => {
      event.preventDefault();
      const answer = await fetch(stay.action, { method: "POST", body: new FormData(stay) }).catch(() => null);
      if (!answer?.ok || new URL(answer.url).pathname === login) return location.assign(login);
      const left = (await answer.json()).ends_in * 1000;
      alive(left);
      tabs.postMessage(left);
    });
    dialog.addEventListener("cancel", event => { event.preventDefault(); stay.requestSubmit(); });
    look();
  }
})();
