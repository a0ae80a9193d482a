"""Rights of the people in the exchange: on which ground somebody is erased, and what an erasure leaves. Pure.

The hub executes what a controller (a CPAS, Le Forem) has decided: it judges no request. The grounds are those of
article 17.1 of the GDPR; `RETENTION` is the end of the time for which data are kept (article 5.1.e).
"""

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "NOT_NEEDED": "art. 17.1.a RGPD : les données ne sont plus nécessaires",
    "OBJECTION": "art. 17.1.c RGPD : opposition de la personne, sans motif impérieux qui l'emporte",
    "UNLAWFUL": "art. 17.1.d RGPD : traitement illicite, par exemple une personne que l'expéditeur ne suivait pas",
    "LEGAL_DUTY": "art. 17.1.e RGPD : obligation légale d'effacer",
    "RETENTION": "art. 5.1.e RGPD : fin de la durée de conservation",
}
RECALLED = frozenset(REASONS) - {"RETENTION"}
"""On these grounds what was passed on is recalled from each recipient (article 19). The end of the hub's own term is no
erasure under article 17: the recipients' terms are theirs."""
ERASED = "R107"  # a row that was written before its person was erased
