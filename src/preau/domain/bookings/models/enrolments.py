from django.db import models
from django.db.models import F, Q

from preau.domain.activities.models import Activity, ActivityGroup
from preau.domain.bookings.states import LIVE_ENROLMENTS, EnrolmentState
from preau.domain.families.models import Child, Household
from preau.foundation import ids


class Enrolment(models.Model):
    """A child's enrolment in an activity of a school year, asked by a family and decided by an agent (C13, C47).

    `household` asked for it, and pays for what is booked by it. Both days included.
    """

    public_id = models.CharField(max_length=22, unique=True, default=ids.public_id, editable=False)
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="enrolments", verbose_name="enfant")
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="enrolments", verbose_name="famille"
    )
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="enrolments", verbose_name="activité")
    group = models.ForeignKey(ActivityGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="enrolments")
    state = models.CharField(max_length=10, choices=EnrolmentState, default=EnrolmentState.REQUESTED)
    first_day = models.DateField("premier jour")
    last_day = models.DateField("dernier jour")
    #: Papers that the family says it brings or joined, among those the activity asks.
    papers_given = models.JSONField(default=list)
    #: Papers that an agent has in hand.
    papers_received = models.JSONField(default=list)
    message = models.TextField("message de la famille", blank=True)
    #: Why it was refused or ended: told to the family (rules 18, 34).
    reason = models.CharField("motif", max_length=300, blank=True)
    requested_at = models.DateTimeField()
    #: Last day to answer the request, as the acknowledgement said (rule 24).
    answer_by = models.DateField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "inscription"
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["child", "activity"],
                condition=Q(state__in=LIVE_ENROLMENTS),
                name="a_child_has_one_live_enrolment_in_an_activity",
            ),
            # Targets of the composite keys that keep a booking with the child, the family and the activity enrolled.
            models.UniqueConstraint(fields=["id", "child"], name="an_enrolment_belongs_to_one_child"),
            models.UniqueConstraint(fields=["id", "household"], name="an_enrolment_belongs_to_one_household"),
            models.UniqueConstraint(fields=["id", "activity"], name="an_enrolment_belongs_to_one_activity"),
            models.CheckConstraint(name="enrolment_ends_after_it_begins", condition=Q(last_day__gte=F("first_day"))),
            models.CheckConstraint(
                name="only_a_request_is_undecided",
                condition=Q(state=EnrolmentState.REQUESTED, decided_at__isnull=True)
                | ~Q(state=EnrolmentState.REQUESTED) & Q(decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_refusal_says_why", condition=~Q(state=EnrolmentState.REFUSED) | ~Q(reason="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} @ {self.activity_id} ({self.state})"


class EnrolmentEvent(models.Model):
    """One move of an enrolment: who, when, why. Append-only."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="events")
    name = models.CharField(max_length=20)
    reason = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.name}"
