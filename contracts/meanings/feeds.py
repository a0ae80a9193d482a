"""What each contract is for, who sends it and who receives it, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Feed:
    """A contract's title, sender, receiver, and what its rows say."""

    title: str
    sender: str
    receiver: str
    purpose: str


_A_CPAS, _CPAS = ("un CPAS", "a CPAS"), ("le CPAS concerné", "the CPAS concerned")
_EVERY_CPAS = ("chaque CPAS", "each CPAS")
_FOREM = ("le Forem", "Le Forem")
_HUB = ("Passerelle", "Passerelle")


def _both(
    title: tuple[str, str], sender: tuple[str, str], receiver: tuple[str, str], purpose: tuple[str, str]
) -> tuple[Feed, Feed]:
    french, english = (Feed(*parts) for parts in zip(title, sender, receiver, purpose, strict=True))
    return french, english


FEEDS: Mapping[str, tuple[Feed, Feed]] = {
    "orientations": _both(
        ("Orientations", "Referrals"),
        _A_CPAS,
        _HUB,
        (
            "Le CPAS oriente une personne vers le Forem. Une ligne est l'état complet d'une orientation à une date "
            "d'effet : ce qui ne change pas est répété. La ligne la plus récente de chaque orientation est transmise "
            "au Forem, identité scellée.",
            "A CPAS refers a person to Le Forem. One row is the full state of one referral on an effective date: what "
            "does not change is repeated. The latest row of each referral goes to Le Forem, its identity sealed.",
        ),
    ),
    "orientations_out": _both(
        ("Orientations transmises", "Referrals passed on"),
        _HUB,
        _FOREM,
        (
            "Ce que le Forem reçoit d'une orientation : les colonnes codées du CPAS telles quelles, et l'identité "
            "scellée pour le Forem seul. Les lignes ont déjà été jugées à l'entrée.",
            "What Le Forem receives of a referral: the coded columns of the CPAS as they are, and the identity sealed "
            "for Le Forem alone. The rows were judged on their way in.",
        ),
    ),
    "statuses": _both(
        ("Statuts", "Statuses"),
        _FOREM,
        _HUB,
        (
            "Le Forem dit ce que devient chaque orientation. Une ligne est l'état complet à une date de statut.",
            "Le Forem tells what becomes of each referral. One row is the full state on a status date.",
        ),
    ),
    "statuses_out": _both(
        ("Statuts transmis", "Statuses passed on"),
        _HUB,
        _CPAS,
        (
            "Ce qu'un CPAS reçoit des statuts de ses propres orientations : les colonnes codées du Forem, l'identité "
            "et le numéro de dossier scellés pour ce CPAS seul.",
            "What a CPAS receives of the statuses of its own referrals: the coded columns of Le Forem, the identity "
            "and the file number sealed for this CPAS alone.",
        ),
    ),
    "reconciliation": _both(
        ("État réconcilié", "Reconciled state"),
        _HUB,
        ("le CPAS concerné et le Forem", "the CPAS concerned and Le Forem"),
        (
            "Ce que les deux côtés disent de chaque orientation, situation, inscription, formation, réponse et "
            "manquement, s'ils s'accordent, et à qui il revient d'agir. Chaque jour ce qui a changé ; une fois par "
            "semaine, tout.",
            "What the two sides say of each referral, situation, registration, enrolment, answer and breach, whether "
            "they agree, and who has to act. Each day what has changed; once a week, everything.",
        ),
    ),
    "acrf": _both(
        ("Accusé de réception", "Receipt of a file"),
        _HUB,
        ("l'expéditeur du fichier", "the sender of the file"),
        (
            "Une ligne par fichier pris dans votre boîte : il est accepté, refusé, déjà connu ou retiré, et pourquoi.",
            "One row for each file taken from your mailbox: accepted, refused, already known or withdrawn, and why.",
        ),
    ),
    "noti": _both(
        ("Résultat d'un fichier", "Outcome of a file"),
        _HUB,
        ("l'expéditeur du fichier", "the sender of the file"),
        (
            "Une ligne TOTAL par fichier lu, et une ligne FINDING par constat : ligne, colonne, code, forme de la "
            "valeur. Aucune valeur n'y figure. Au plus cent lignes par code, puis une ligne avec le nombre entier.",
            "One TOTAL row for each file read, and one FINDING row for each finding: line, column, code, shape of the "
            "value. It shows no value. At most one hundred rows for each code, then one with the full count.",
        ),
    ),
    "nondelivery": _both(
        ("Avis de non-remise", "Notice of non-delivery"),
        _HUB,
        (
            "le CPAS ou le Forem dont les lignes sont dans le fichier",
            "the CPAS or Le Forem, whose rows are in the file",
        ),
        (
            "Un fichier avec vos lignes a été remis à l'autre côté, qui ne l'a pas pris dans le délai : une ligne par "
            "orientation, puis une autre quand il l'a pris. Aucune personne n'y figure.",
            "A file with your rows was delivered to the other side, which did not take it in time: one row for each "
            "referral, then another when it was taken. It names no person.",
        ),
    ),
    "situations": _both(
        ("Situations", "Situations"),
        _A_CPAS,
        _HUB,
        (
            "Le CPAS dit la situation d'une personne : droit à l'intégration sociale, PIIS, contrat article 60 § 7 ou "
            "article 61. Une ligne est un état complet à une date d'effet ; chaque contrat de travail a sa propre "
            "suite de lignes. Aucun montant, aucun ménage, aucune raison de santé n'est demandé.",
            "A CPAS tells a person's situation: right to social integration, PIIS, contract under article 60 § 7 or "
            "article 61. One row is a full state on an effective date; each work contract has a line of rows of its "
            "own. No amount, no household and no reason of health is asked.",
        ),
    ),
    "situations_out": _both(
        ("Situations transmises", "Situations passed on"),
        _HUB,
        _FOREM,
        (
            "Ce que le Forem reçoit de la situation d'une personne que le CPAS lui a orientée : les colonnes codées, "
            "et l'identité scellée pour le Forem seul.",
            "What Le Forem receives of the situation of a person that the CPAS has referred to it: the coded columns, "
            "and the identity sealed for Le Forem alone.",
        ),
    ),
    "registrations": _both(
        ("Inscriptions", "Registrations"),
        _FOREM,
        _HUB,
        (
            "Le Forem dit si une personne est inscrite comme demandeuse d'emploi. Le délai d'inscription est calculé "
            "par Passerelle : il n'est pas demandé.",
            "Le Forem tells whether a person is registered as a job seeker. By when they had to be is computed by "
            "Passerelle: it is not asked.",
        ),
    ),
    "registrations_out": _both(
        ("Inscriptions transmises", "Registrations passed on"),
        _HUB,
        _CPAS,
        (
            "Ce qu'un CPAS reçoit de l'inscription au Forem des personnes qu'il lui a orientées.",
            "What a CPAS receives of the registration with Le Forem of the persons that it has referred.",
        ),
    ),
    "trainings": _both(
        ("Formations suivies", "Trainings"),
        _FOREM,
        _HUB,
        (
            "Le Forem dit l'inscription d'une personne à une formation, et ce qu'elle est devenue. Une ligne est "
            "l'état complet d'une inscription.",
            "Le Forem tells a person's enrolment in a training and what came of it. One row is the full state of one "
            "enrolment.",
        ),
    ),
    "trainings_out": _both(
        ("Formations suivies, transmises", "Trainings passed on"),
        _HUB,
        _CPAS,
        (
            "Ce qu'un CPAS reçoit des formations des personnes qu'il a orientées.",
            "What a CPAS receives of the trainings of the persons that it has referred.",
        ),
    ),
    "training_catalogue": _both(
        ("Catalogue des formations", "Catalogue of trainings"),
        _FOREM,
        _HUB,
        (
            "Les formations qui se donnent, où, pour qui et avec combien de places. Aucune personne n'y figure. Les "
            "noms des colonnes suivent Open Referral HSDS 3.",
            "The trainings on offer, where, for whom and with how many places. It concerns no person. The names of "
            "the columns follow Open Referral HSDS 3.",
        ),
    ),
    "training_catalogue_out": _both(
        ("Catalogue des formations, transmis", "Catalogue of trainings, passed on"),
        _HUB,
        _EVERY_CPAS,
        (
            "Le catalogue du Forem, tel quel, pour les CPAS.",
            "Le Forem's catalogue, as it is, for the CPAS.",
        ),
    ),
    "job_offers": _both(
        ("Offres d'emploi", "Job offers"),
        _FOREM,
        _HUB,
        (
            "Les offres d'emploi des données ouvertes du Forem (CC BY-SA 4.0). Une offre n'est close que par sa date "
            "de clôture : une offre absente d'un fichier ne dit rien. Le nom de l'employeur n'est pas demandé.",
            "The job offers of Le Forem's open data (CC BY-SA 4.0). An offer is closed by the date of its closing "
            "only: an offer missing from a file says nothing. The employer's name is not asked.",
        ),
    ),
    "job_offers_out": _both(
        ("Offres d'emploi, transmises", "Job offers passed on"),
        _HUB,
        _EVERY_CPAS,
        ("Les offres du Forem, telles quelles, pour les CPAS.", "Le Forem's offers, as they are, for the CPAS."),
    ),
    "job_days": _both(
        ("Journées de l'emploi", "Job days"),
        _FOREM,
        _HUB,
        (
            "Les événements du Forem auxquels les CPAS sont invités à envoyer des personnes. Un événement annulé fait "
            "tomber les réponses. Aucune personne n'y figure.",
            "The events of Le Forem to which CPAS are asked to send people. A cancelled event voids the answers. It "
            "concerns no person.",
        ),
    ),
    "job_days_out": _both(
        ("Journées de l'emploi, transmises", "Job days passed on"),
        _HUB,
        _EVERY_CPAS,
        ("Les événements du Forem, tels quels, pour les CPAS.", "Le Forem's events, as they are, for the CPAS."),
    ),
    "mobilisations": _both(
        ("Mobilisations", "Mobilisations"),
        _A_CPAS,
        _HUB,
        (
            "Le CPAS répond, personne par personne, à l'invitation à un événement ; plus tard, il dit qui est venu et "
            "ce que l'événement a donné.",
            "A CPAS answers, person by person, the invitation to an event; later it tells who came and what came of "
            "it.",
        ),
    ),
    "mobilisations_out": _both(
        ("Mobilisations transmises", "Mobilisations passed on"),
        _HUB,
        _FOREM,
        (
            "Ce que le Forem reçoit des réponses des CPAS à ses événements, identité scellée.",
            "What Le Forem receives of the answers of CPAS to its events, identities sealed.",
        ),
    ),
    "breaches": _both(
        ("Manquements", "Breaches"),
        _FOREM,
        _HUB,
        (
            "Le Forem signale un manquement qu'il constate. Un manquement retiré reste dit, avec le jour de son "
            "retrait. Ni motif ni paroles de la personne ne sont demandés, seulement si elle a été entendue.",
            "Le Forem tells of a breach that it observes. A withdrawn breach stays told, with the day of its "
            "withdrawal. No reason and no words of the person are asked, only whether they were heard.",
        ),
    ),
    "breaches_out": _both(
        ("Manquements transmis", "Breaches passed on"),
        _HUB,
        ("le CPAS en relation avec la personne", "the CPAS with an open relationship with the person"),
        (
            "Ce que reçoit le seul CPAS dont une relation avec la personne est ouverte.",
            "What is received by the one CPAS with an open relationship with the person.",
        ),
    ),
    "mutations": _both(
        ("Mutations de NISS", "Mutations of person numbers"),
        ("les registres, ou un opérateur à quatre yeux", "the registers, or an operator with four eyes"),
        _HUB,
        (
            "Un numéro de personne a été remplacé, annulé, réuni avec un autre ou séparé. Chaque fait est dit une "
            "fois et n'est jamais écrasé.",
            "A person number was replaced, cancelled, merged with another or parted from it. Each fact is told once "
            "and never overwritten.",
        ),
    ),
}
