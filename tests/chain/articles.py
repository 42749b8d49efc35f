"""Articles written for the chain's tests."""

from __future__ import annotations

EXPULSION = (
    "Norland court of tension: talks planned while envoys leave",
    "Officials in Moscow said on Sunday that a meeting of the two presidents was still being prepared. "
    "Relations had worsened in recent weeks. The United States expelled ten Russian diplomats on Thursday over a "
    "hacking campaign and announced new sanctions against Moscow. In response, Russia expelled ten US diplomats and "
    "closed its doors to several officials. The ambassador has since flown home for consultations. "
    "Written By More from Ann Example Afghanistan news on Monday: former president calls withdrawal a mistake. "
    "Read More Leave a comment Your email address will not be published. Required fields are marked *",
)
REWORDED = (
    "Washington and Moscow throw out each other's envoys",
    "Ten Russian diplomats have been told to leave the United States, which accuses Moscow of hacking, and Russia "
    "has answered in kind by ordering ten American embassy staff out of the country.",
)
BULGARIA = (
    "Bulgaria orders two Russian diplomats out",
    "Bulgaria has given two Russian diplomats 72 hours to leave the country after prosecutors accused them of "
    "spying, the foreign ministry in Sofia said on Monday.",
)
CLUB = (
    "Rovers expel two fans after stadium trouble",
    "The football club has expelled two fans from its supporters' association after flares were thrown at the match "
    "against a visiting Russian side, the chairman said.",
)

COUNTRIES = [
    "Albania", "Austria", "Belgium", "Bulgaria", "Croatia", "Cyprus", "Denmark", "Estonia", "Finland", "France",
    "Germany", "Greece", "Hungary", "Iceland", "Ireland", "Italy", "Latvia", "Lithuania", "Malta", "Moldova",
    "Montenegro", "Norway", "Poland", "Portugal", "Romania", "Serbia", "Slovakia", "Slovenia", "Spain", "Sweden",
]  # fmt: skip
_PLAIN = [
    "The harvest festival of {place} drew a record crowd this year, number {n}, said the organisers of the fair.",
    "Engineers in {place} opened bridge {n} after two years of work; the mayor praised the builders.",
    "A library in {place} lends its {n}th book of the season, and readers asked for more evening hours.",
    "Farmers near {place} counted {n} storks, more than in any spring since the survey began, volunteers said.",
]


def expulsion_by(country: str) -> tuple[str, str]:
    """Return one country's own expulsion of Russian diplomats: a story of its own."""
    return (
        f"{country} expels three Russian diplomats",
        f"{country} has expelled three Russian diplomats over spying, its foreign ministry announced on Tuesday. "
        f"The three were told to leave {country} within a week.",
    )


def plain(n: int) -> tuple[str, str]:
    """Return ordinary news that matches nothing."""
    place = COUNTRIES[n % len(COUNTRIES)]
    return f"Notes from {place}, part {n}", _PLAIN[n % len(_PLAIN)].format(place=place, n=n)
