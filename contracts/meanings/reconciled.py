"""What the codes of the reconciled view mean: those of the feeds that it joins, and its own.

A word that two feeds use for two things is told here in words that fit both.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.meanings.codes import CODES, Meaning

_OF_BOTH: Mapping[str, Meaning] = {
    "OPEN": ("ouvert", "open"),
    "WITHDRAWN": ("retiré", "withdrawn"),
    "CANCELLED": ("annulé", "cancelled"),
    "COMPLETED": ("achevé", "completed"),
    "CONFIRMED": ("confirmé", "confirmed"),
    "CLOSED": ("clos", "closed"),
    "NONE": ("n'en dit rien", "says nothing of it"),
    "PENDING": ("le délai d'inscription court", "the time to register runs"),
}

RECONCILED: Mapping[str, Mapping[str, Meaning]] = {
    "reconciliation.record": {
        "STATE": ("l'état, qui remplace celui dit avant", "the state, in place of the one told before"),
        "GONE": ("vous n'avez plus à connaître cette ligne", "this row is no longer yours to know"),
    },
    "reconciliation.entity_kind": {
        "REFERRAL": ("une orientation", "a referral"),
        "SITUATION": ("une situation chez le CPAS", "a situation at the CPAS"),
        "REGISTRATION": ("l'inscription au Forem", "the registration with Le Forem"),
        "ENROLMENT": ("une formation", "a training"),
        "ANSWER": ("la réponse à un événement", "the answer to an event"),
        "BREACH": ("un manquement", "a breach"),
    },
    "reconciliation.cpas_view": {
        "ABSENT": ("aucun avis du CPAS ne se lit", "no notice of the CPAS can be read"),
        **CODES["situation_kind"],
        "GRANTED": ("l'aide est accordée", "the aid is granted"),
        "ENDED": ("l'aide a pris fin", "the aid has ended"),
        **CODES["answer"],
        **_OF_BOTH,
    },
    "reconciliation.forem_view": {
        **CODES["core_status"],
        "REGISTERED": ("inscrite", "registered"),
        "DEREGISTERED": ("radiée", "deregistered"),
        **CODES["status"],
        **CODES["job_days.status"],
        **_OF_BOTH,
    },
    "reconciliation.agreed_state": {
        "REQUESTED": ("demandée, sans réponse du Forem", "requested, not answered by Le Forem"),
        "EXPIRED": ("expirée, sans réponse à temps", "expired, not answered in time"),
        "UNKNOWN": ("inconnue", "unknown"),
        **CODES["core_status"],
        **CODES["situation_kind"],
        "NOT_APPLICABLE": ("pas d'inscription due", "no registration is due"),
        "ON_TIME": ("inscrite à temps", "registered in time"),
        "LATE": ("inscrite en retard", "registered late"),
        "OVERDUE": ("pas inscrite, le délai est passé", "not registered, the time is over"),
        **CODES["status"],
        **CODES["answer"],
        "VOID": ("sans objet", "void"),
        **_OF_BOTH,
    },
}
