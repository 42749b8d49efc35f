"""Says in which language a text is: the feed's own tag first, then cheap signs, then a classifier."""

from __future__ import annotations

import re

SAMPLE = 400
"""Characters that are looked at: enough to tell, and a classifier's time grows with them."""

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*\Z")
_ENGLISH_WORDS = (
    "the of and to in for on with that was were has have is are by from said will as at after his their "
    "be its it he they who not but an over would had this about which been "
    # What headlines, which leave small words out, are made of; no other language writes these so.
    "against amid between into before two three four five six seven eight nine twelve they their them each other's "
    "says tells told calls asks wants meets talks meeting warns urges seeks backs agrees faces holds gets gives takes "
    "makes leaves leave returns answers responds retaliates threatens vows imposes lifts eases bans bars blocks "
    "expel expels expelled expulsion expulsions kicks kicked throws threw thrown boots orders ordered strikes hits "
    "diplomats envoys ambassador embassy leaders ministers officials troops ties feud spat row tit-for-tat"
)
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_SCRIPTS = {
    **dict.fromkeys(["ru", "uk", "bg", "sr", "mk", "be", "kk", "mn", "ky", "tg"], ("Ѐ", "ӿ")),
    **dict.fromkeys(["ar", "fa", "ur", "ps", "ckb"], ("؀", "ۿ")),
    **dict.fromkeys(["he", "yi"], ("֐", "׿")),
    **dict.fromkeys(["zh", "ja"], ("぀", "鿿")),
    "ko": ("가", "힣"),
    "el": ("Ͱ", "Ͽ"),
    "th": ("฀", "๿"),
    "hi": ("ऀ", "ॿ"),
    "ka": ("Ⴀ", "ჿ"),
    "hy": ("԰", "֏"),
}
_LATIN_TOO = frozenset({"sr", "kk", "mn"})


def language_of(text: str, tag: str | None) -> str:
    """Return a lower-case language code such as `en`, or `und` where the text has too few letters to tell.

    A tag (BCP 47) is believed when the script of the text allows it. Without one, English is told by its small
    words; only what remains is classified.
    """
    sample = text[:SAMPLE]
    letters = [char for char in sample[:120] if char.isalpha()]
    stated = _TAG.match(tag.strip()) if tag else None
    if stated and (not letters or _script_fits(stated[1].lower(), letters)):
        return stated[1].lower()
    if len(letters) < 3:
        return "und"
    words = [word.strip(".,;:!?\"'()“”") for word in sample.lower().split()]
    if sum(word in _ENGLISH for word in words) >= max(1, len(words) // 8):
        return "en"
    return _classified(sample)


def _classified(sample: str) -> str:
    """Return the likeliest language, or English where another one is hardly likelier.

    Headlines that are little but names are closer to some small language than to English by chance, and an article
    that is not taken for English has no topics.
    """
    # Its model takes time to load and most articles never need it.
    from py3langid import rank

    ranked = [(str(language), float(score)) for language, score in rank(sample)]
    scores = dict(ranked)
    best, score = ranked[0]
    if best not in _OF_NEWS:
        likely = next(language for language, _ in ranked if language in _OF_NEWS)
        if score - scores[likely] >= _FAR_LIKELIER:
            return best
        best = likely
    return best if scores[best] - scores["en"] >= _LIKELIER else "en"


_LIKELIER, _FAR_LIKELIER = 10.0, 30.0
"""Differences of log-likelihood: of short texts that are English few reach them, of others nearly all."""
_OF_NEWS_CODES = (
    "af am ar az be bg bn bs ca cs da de el en es et eu fa fi fr gl gu ha he hi hr hu hy id is it ja ka kk km kn ko ky "
    "lo lt lv mk ml mn mr ms my ne nl nn no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te tg th tl tr uk ur uz vi zh"
)
_OF_NEWS = frozenset(_OF_NEWS_CODES.split())
"""Languages that much news is written in; any other must be far likelier."""


def _script_fits(language: str, letters: list[str]) -> bool:
    expected = _SCRIPTS.get(language)
    if expected is None:
        return sum(char < "ɐ" for char in letters) * 2 >= len(letters)
    first, last = expected
    return language in _LATIN_TOO or sum(first <= char <= last for char in letters) * 3 >= len(letters)
