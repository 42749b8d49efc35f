"""A capital named: the government that sits there, or the city. Decided by the grammar around it."""

from __future__ import annotations

import re

from tocsin.agents.annotate.reading import Reading, Spot

SENSE_SCORE = 0.9
DEFAULT_SCORE = 0.7

_PLACE_NOUNS = (
    r"(?:north|south|east|west|northeast|northwest|southeast|southwest|outskirts|suburbs?|streets?|city|capital|town|"
    r"centre|center|part|parts|heart|university|airport|area|areas|district|residents|people|citizens|miles?|"
    r"kilometers|kilometres|km|mayor|port|siege|fall|capture|bombing|bishop|archbishop|visit|side|neighbou?rhoods?|"
    r"road|gates|skies|province|region|banks|map|population|most|much|liberation|occupation|size|archdiocese|ring)"
)
CITY_BEFORE = re.compile(
    rf"(?:(?:^|[\s(\"'“])(?:in|at|near|outside|around|into|through|via|leaves?|left|leaving|reach(?:ed|es|ing)?|across|inside|"
    rf"over|downtown|central|northern|southern|eastern|western|arriv\w+ in|capital,?|city of|embassy in|based in|"
    rf"born in|flew (?:back )?to|fl(?:y|ies|ying|own) (?:back )?to|travel\w* to|return\w* (?:to|from)|went to|go(?:es|ing)? to|"
    rf"arriv\w* from|came to|c(?:o|a)m(?:e|es|ing) (?:back )?(?:to|from)|heading to|trip to|trips to|visit(?:s|ed|ing)?(?: to)?|tour(?:s|ed)?(?: of)?|mov(?:e|ed|es|ing) to|drove to|march(?:ed)? (?:on|to)|"
    rf"way to|road to|flights? (?:to|from)|train to|brought to|sent to|taken to|en route to|stop(?:s|ped|over)? in|live[sd]? in|"
    rf"from|to|toward|towards|within|{_PLACE_NOUNS} of|{_PLACE_NOUNS} from)(?: the| nearby| greater| old| occupied)? |-)\Z"
)
_ABSTRACT = (
    r"(?:green light|go-ahead|nod|ties|relations?|relationship|talks|tensions?|pressure|deal|disputes?|row|alliance|negotiations|rapprochement|"
    r"contacts?|standoff|co-?operation|friction|sanctions|embargo|measures|charges|war|patience|demands?|warnings?|"
    r"threats?|message|messages|signals?|aid|support|help|funding|backing|weapons|arms|loyal|loyalty|critical|"
    r"criticism|concessions?|orders?|instructions|approval|permission|opposition|response|reply|answer|answers|letter|letters|"
    r"closer|hostile|friendly|responsible|opposed|answerable|accountable|appeals?|request|requests|calls?|protest|protests|"
    r"complaint|links|agreement|accord|pact|treaty|differences|rift|crisis|confrontation|conflict|dialogue|"
    r"engagement|partnership|trade|business|policy|strategy|position|stance|attitude|anger|frustration|doubts|"
    r"suspicion|influence|independence|autonomy|split|break|breakaway|loans?|bailout|money|directives?|edict|edicts|rebuff|"
    r"invitation|offers?|overtures?|gift|gesture|challenge|blow|setback|victory|guarantees?|assurances?|recognition|denial|denials|statement|"
    r"statements|reaction|reactions|word|silence|intervention|interference|meddling|subsidies|investment)"
)
_GOVERNMENT_VERBS_BEFORE = (
    r"(?:accus|blam|urg|warn|criticis|criticiz|condemn|sanction|press|pressur|punish|isolat|support|challeng|threaten|"
    r"ask|prompt|forc|persuad|convinc|push|lobb|allow|help|let|mak|exclud|includ|involv|anger|embarrass|irritat|infuriat|alarm|worr|pleas|"
    r"reassur|assur|defy|defi|provok|antagoni[sz]|enrag|accommodat|engag|confront|oppos|back|trust|court|woo|encourag|enabl|"
    r"represent|caution|call\w* on|remind|thank|prais|rebuk|chid|scold|slam|blast|lambast|tell|told|suspect|led by|prevent|compel|deter|unsettl|rattl)"
)
GOVERNMENT_BEFORE = re.compile(
    rf"(?:(?:^|\W)(?:{_ABSTRACT} (?:with|on|from|between|against|by|to|for|of|toward|towards)(?: both)?|"
    rf"{_GOVERNMENT_VERBS_BEFORE}\w{{0,4}}(?: both)?|allies of|ally of|enemy of|enemies of|foes? of|friends? of|critics? of|hands of|behalf of|side of|"
    rf"proxies of|puppets? of|tool of|view of|views of|eyes of|policies of|interests of|orders of|help of|support of|decision of|refusal of|against|hostile to|backed by|by|allegedly by|"
    rf"ambassadors? to|envoys? to|rule by|ruled from|directed from|"
    rf"with|despite|according to|unlike|change to|sway in|pro|anti)(?: both)? |pro-|anti-|un-)\Z"
)
_ACTS = (
    r"(?:said|says|say|saying|wants?|wanted|denie[sd]|deny|denying|offer(?:s|ed|ing)?|threaten(?:s|ed|ing)?|warn(?:s|ed|ing)?|accus(?:es|ed|e|ing)|"
    r"claim(?:s|ed|ing)?|insist(?:s|ed|ing)?|refus(?:es|ed|e|ing)|reject(?:s|ed|ing)?|demand(?:s|ed|ing)?|expel(?:s|led|ling)?|order(?:s|ed|ing)?|"
    r"announc(?:es|ed|ing)|agree[sd]?|agreeing|call(?:s|ed|ing)? (?:for|on|in|it|the)|urg(?:es|ed|e|ing)|respon(?:ds|ded|d|ding)|retaliat(?:es|ed|e|ing)|"
    r"impos(?:es|ed|e|ing)|lift(?:s|ed)?|eas(?:es|ed)|recall(?:s|ed)?|summon(?:s|ed)?|blam(?:es|ed|e|ing)|condemn(?:s|ed|ing)?|critici[sz](?:es|ed|e|ing)|"
    r"hop(?:es|ed|e|ing)|fear(?:s|ed)?|believ(?:es|ed|e)|seek(?:s|ing)?|sought|plan(?:s|ned|ning)?|g[ai]v(?:e|es|ing)|declar(?:es|ed|e|ing)|decid(?:es|ed|e)|"
    r"tells?|told|throws?|threw|bans?|banned|bar(?:s|red)?|vow(?:s|ed|ing)?|pledg(?:es|ed|e|ing)|propos(?:es|ed|e|ing)|back(?:s|ed|ing)?|"
    r"support(?:s|ed|ing)?|consider(?:s|ed|ing)?|suspend(?:s|ed)?|cuts?|br(?:oke|eaks?)|sanction(?:s|ed)|sen(?:ds?|t|ding)|welcom(?:es|ed|ing)|regards?|sees?|saw|"
    r"kick(?:s|ed)?|show(?:s|ed|n)?|boot(?:s|ed)?|eject(?:s|ed)?|oust(?:s|ed)?|strip(?:s|ped)?|str(?:ikes?|uck) (?:back|a deal)|hits? (?:back|out)|"
    r"trad(?:es?|ed) (?:expulsions|blows|sanctions|accusations|barbs)|swap(?:s|ped)? |exchanged? |signal(?:s|led|ed|ing)?|maintain(?:s|ed|ing)?|ask(?:s|ed|ing)?|"
    r"stop(?:s|ped)?|fr(?:oze|eezes)|withdr(?:aws?|ew)|den(?:ounces|ounced)|took|takes?|has (?:not |also |long |repeatedly |already |since |never )*\w+(?:ed|n|t)\b|"
    r"(?:will|would|must|should|could|may|might|can|cannot|did|does|do|has|had|have)(?: not|n't)? (?:also |now |soon |never |have |be |not )*"
    r"(?!held|hold|host|become|been|see|remain|witness)\w+|"
    r"(?:is|are|was|were)(?: also| now| still| not| already| reportedly| clearly)* (?:\w+ing\b|ready|willing|prepared|determined|expected to|likely to|unlikely|keen|eager|reluctant|"
    r"unwilling|committed|concerned|convinced|worried|angry|furious|right|wrong|responsible|behind|opposed|against|unhappy|happy|pleased|open to|also|considering|under (?:pressure|fire)|set to|due to|to )|"
    r"wo(?:n't|uld)|does(?:n't| not)|did(?:n't| not)|need(?:s|ed)|tr(?:ies|ied|y|ying) to|continu(?:es|ed|e|ing) to|began \w+ing|start(?:s|ed) \w+ing|"
    r"acknowledg\w+|admit(?:s|ted)?|express(?:es|ed)|describ(?:es|ed)|dismiss(?:es|ed)|ignor(?:es|ed)|invit(?:es|ed)|join(?:s|ed)|launch(?:es|ed)|"
    r"protest(?:s|ed) |push(?:es|ed|ing)|rais(?:es|ed) |recogni[sz]e[sd]?|relies|rel(?:y|ied)|resum(?:es|ed)|sign(?:s|ed)|stress(?:es|ed)|sp(?:eaks|oke)|"
    r"us(?:es|ed)|view(?:s|ed)|vot(?:es|ed)|wields?|favou?rs?|allow(?:s|ed)|approv(?:es|ed)|appear(?:s|ed) to|seem(?:s|ed) to|argu(?:es|ed)|assur(?:es|ed)|attach(?:es|ed)|"
    r"charg(?:es|ed) |clos(?:es|ed) its|contend(?:s|ed)|face[sd]? (?:pressure|calls|criticism)|hand(?:s|ed) over|insists|intend(?:s|ed)|issu(?:es|ed)|ke(?:eps|pt)|"
    r"l(?:oo|oo)k(?:s|ed) to|lost patience|ma(?:kes|de|intains)|mull(?:s|ed)|pa(?:ys|id)|pull(?:s|ed) out|provid(?:es|ed)|put(?:s)? |quit(?:s)? |reach(?:es|ed) (?:a|an) |react(?:s|ed)|"
    r"releas(?:es|ed)|remains? (?:committed|opposed|convinced|wary|concerned)|repli(?:es|ed)|requir(?:es|ed)|reveal(?:s|ed)|ruled? out|scrap(?:s|ped)|suggest(?:s|ed)|su(?:es|ed) |swe(?:ars|ore)|treat(?:s|ed)|weigh(?:s|ed)|wooed|woos)\b"
)
_OWNED = (
    r"(?:allies|ally|policy|policies|position|decision|demands?|move|moves|response|reaction|refusal|intentions?|stance|support|role|envoy|envoys|"
    r"ambassador|offer|nuclear|foreign|interests|claims?|allegations?|proposals?|plans?|diplomats?|influence|government|willingness|ambitions?|"
    r"military|troops|forces|leaders?|leadership|rulers?|relations|ties|backing|help|aid|view|views|strategy|efforts?|rule|authority|sovereignty|security|economic|"
    r"top|chief|negotiators?|delegation|official|officials|ministers?|president|premier|objections?|opposition|concerns?|fears?|threats?|warnings?|pressure|"
    r"sanctions|actions?|behaviou?r|conduct|human rights|record|commitment|approach|attempts?|campaign|war|invasion|intervention|occupation|aggression|annexation|"
    r"agenda|point|point of view|line|rejection|request|call|calls|promise|pledge|statement|dispute|row|feud|rivalry|friends?|enem(?:y|ies)|foes?|bid|missile|missiles|weapons|arms|spy|spies|"
    r"intelligence|navy|army|air force|hand|hands|side|behest|insistence|denials?|silence|patience|anger|hopes?|desire|wish|wishes|need|choice|answer|man|proxy|proxies|client|backyard|sphere|orbit|grip|control|"
    r"handling|treatment|debt|budget|bailout|membership|accession|candidacy|territorial|defence|defense|agreement|cooperation|co-operation|failure|inability|ability|pro-|anti-)"
)
GOVERNMENT_AFTER = re.compile(
    rf"(?:'s (?:(?:\w+[ -]){{0,2}}){_OWNED}\b|s' {_OWNED}|"
    rf"(?:,? which)? (?:\w+ly |each |both |also |then |now |has also |on \w+day |never |still |both |just |already |once |long |in turn |in response |in return |for its part )?{_ACTS}|"
    rf",? (?:for its part|in turn|in response|which (?:has|had|is|was|says|said|denies)),?|"
    r"-(?:backed|led|based government|imposed|sponsored|friendly|allied|controlled|installed|supported|funded|appointed|approved|aligned|loyal|brokered|run|declared|ordered|dominated|supplied|trained|armed|mediated|proposed)|"
    r"(?:-\w+)? (?:ties|relations|talks|axis|alliance|summit|tensions|rapprochement|dialogue|pact|treaty|agreement|deal|dispute|row|standoff|rivalry|politics|establishment|insiders?|consensus|officials?|government|regime|administration|policy|diplomats?|allies)\b)"
)
CITY_AFTER = re.compile(
    r"(?:'s (?:\w+[ -]){0,2}(?:airport|streets?|suburbs?|mayor|residents|people|districts?|neighbou?rhoods?|old city|main|central|city|downtown|outskirts|square|stadium|"
    r"hospitals?|hotels?|metro|subway|museum|cathedral|mosque|university|port|skyline|traffic|weather|green zone|palace|police|stock|markets?|bourse|north|south|east|west|northern|southern|eastern|western|"
    r"international airport|prison|population|poor|rich|restaurants?|theatre|theater|streets|river|tower|bridge|walls?|underground|tube|bus|railway|station|ghetto|churches|pul-i|sadr|shia|sunni|jewish)\b|"
    r" (?:airport|police|residents|suburbs?|metro|subway|streets?|mayor|university|stock|hotel|hospital|bourse|traffic|neighbou?rhood|district|apartment|street|bombings?|attacks?|blasts?|court|conference|session|meeting|correspondent|bureau|office|embassy|airport|train|area|region|on (?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:last|this|next) (?:week|month|year|summer|autumn|spring|winter)|and the surrounding|where|when|yesterday|today|tomorrow|with a|after a|before)\b|"
    r" (?:was|is|were|has been|had been) (?:\w+ly )?(?:hit|rocked|shaken|hosting|home to|attacked|bombed|captured|surrounded|located|calm|quiet|tense|struck|the (?:scene|capital|venue|city|site)|a city|under (?:curfew|siege|attack|lockdown)|liberated|founded|built|full)|"
    r"-born|-based| \((?:reuters|ap|afp|cnn|upi|xinhua|cp|dpa|bbc)\)|, (?:where|the capital|capital|which lies|a city|the city))"
)
_AND = re.compile(r" and (?:the )?")
PAIR = re.compile(r"(?:,| and| or| nor|/|, and) (?:the |both )?\Z")
_DATELINE_AFTER = re.compile(r",? ?(?:[\w. ]{0,20})?(?:(?:\([^)]{1,40}\) ?)?(?:--|-|–|—|:) |\([A-Z][\w ./-]{1,24}\) ?)")
_LINE_START = re.compile(r"(?:\A|\n)[^\w\n]*(?:\w+/)?\Z")


def government(reading: Reading, spot: Spot) -> tuple[bool, float, str]:
    """Tell whether a capital means the government that sits there; with a score and the rule."""
    folded, end = reading.folded, spot.end
    if dateline(reading, spot):
        return False, SENSE_SCORE, "city.dateline"
    acts = GOVERNMENT_AFTER.match(folded, end, end + 60) is not None
    if not acts and CITY_AFTER.match(folded, end, end + 60):
        return False, SENSE_SCORE, "city.after"
    word = reading.word_before(spot)
    if word in _ALWAYS_PLACE:
        return False, SENSE_SCORE, "city.before"
    begin = max(0, spot.start - 40)
    if GOVERNMENT_BEFORE.search(folded, begin, spot.start) or _between_two(reading, spot):
        return True, SENSE_SCORE, "government.before"
    if CITY_BEFORE.search(folded, begin, spot.start):
        return False, SENSE_SCORE, "city.before"
    if acts:
        return True, SENSE_SCORE, "government.after"
    return False, DEFAULT_SCORE, "city.default"


_ALWAYS_PLACE = frozenset("in at near outside inside around into through via downtown across".split())
"""Words before a capital that no government follows."""


def _between_two(reading: Reading, spot: Spot) -> bool:
    """Tell whether this is the first of two capitals between which something is."""
    if not reading.before(spot).endswith("between "):
        return False
    following = _AND.match(reading.folded, spot.end)
    other = reading.at.get(following.end()) if following else None
    return other is not None and any(name.kind == "capital" for name in other.meaning.towns)


def dateline(reading: Reading, spot: Spot) -> bool:
    """Tell whether a city opens a report: "TOKYO (AP) - ", "Kabul, Afghanistan: "."""
    start = spot.start
    shouted = reading.text[start : spot.end].isupper() and spot.end - start > 3
    if not shouted and not _LINE_START.search(reading.text, max(0, start - 24), start):
        return False
    return _DATELINE_AFTER.match(reading.text, spot.end) is not None or (
        reading.text[spot.end : spot.end + 1] == "/" and reading.text[spot.start : spot.end].isupper()
    )
