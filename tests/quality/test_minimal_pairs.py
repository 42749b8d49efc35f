"""Pairs of sentences that differ in little and mean something else."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load

EXPULSION = [
    ("Finland expelled two Russian diplomats.", "Finland praised two Russian diplomats."),
    ("Poland expels Belarusian military attache.", "Poland hosts Belarusian military attache."),
    (
        "Ghana ordered the Liberian ambassador to leave.",
        "The Liberian ambassador to Ghana was about to leave the party.",
    ),
    (
        "Uganda told the UN rights chief's staff to leave within a week.",
        "The staff of the hotel in Uganda left within a week.",
    ),
    ("Greece kicks out two Turkish consuls", "Greece kicks out Turkey in penalty shoot-out"),
    (
        "Algeria threw out three Moroccan diplomats on Sunday.",
        "The court in Algeria threw out three complaints on Sunday.",
    ),
    (
        "Myanmar's junta gave the British envoy 48 hours to leave.",
        "The landlord gave the British tenant 48 hours to leave.",
    ),
    ("India sent home six Canadian diplomats.", "India sent home six sick players."),
    (
        "Ecuador declared the Mexican ambassador persona non grata.",
        "Ecuador's ambassador presented his papers in Mexico.",
    ),
    (
        "Ethiopia expelled a correspondent of an American newspaper along with two foreign journalists.",
        "A school in Ethiopia expelled two students.",
    ),
    (
        "Croatia said five Serbian embassy staff must leave the country by Friday.",
        "Croatia said five Serbian tourists must leave the beach by Friday.",
    ),
    (
        "Mali's rulers ordered French troops out of the country.",
        "Mali's coach ordered his players out of the dressing room.",
    ),
    (
        "The Netherlands announced the expulsion of 17 Russian intelligence officers working as diplomats.",
        "The club announced the expulsion of 17 members.",
    ),
    (
        "Russia vowed to respond to the expulsion of its diplomats from Prague.",
        "The senate debated the expulsion of a member from the Democratic Party.",
    ),
    ("Qatar's ambassador was told to leave Bahrain.", "Qatar's striker was told to leave the pitch."),
    (
        "Nicaragua closed its airspace and expelled the papal nuncio.",
        "Nicaragua closed its airspace after the volcano expelled ash.",
    ),
]
SANCTIONS = [
    ("Canada slapped sanctions on Haitian politicians.", "Canada slapped taxes on Haitian rum."),
    ("The EU agreed to freeze the assets of Syrian generals.", "The bank agreed to freeze the accounts of a customer."),
    ("Britain sanctioned two Myanmar generals.", "The federation sanctioned two matches."),
    ("The US lifted its arms embargo on Vietnam.", "The company lifted its embargo on the press release."),
    ("Japan threatens new sanctions against North Korea.", "The referee threatens new sanctions against both clubs."),
    ("Norway joins the EU sanctions on Belarus.", "Norway joins the EU study on forests."),
    ("Washington barred entry to Georgian officials.", "The museum barred entry to visitors without tickets."),
    (
        "Iran has lived under sanctions for decades.",
        "Players have lived under the threat of FIFA sanctions for decades.",
    ),
    ("Australia imposes travel bans on Fijian ministers.", "Australia imposes travel bans because of the new variant."),
    (
        "A Dutch firm was fined for breaking the sanctions on Russia.",
        "A Dutch firm was fined for breaking the speed limit.",
    ),
    (
        "The United Nations Security Council widened its arms embargo on Somalia.",
        "The council of the town widened its main road.",
    ),
    ("Turkey stopped arms exports to Israel over the war.", "Turkey stopped a train to repair the doors."),
    ("Kyiv wants sanctions on Hungarian banks.", "Kyiv wants investment from Hungarian banks."),
]
SUMMIT = [
    ("NATO leaders meet in Vilnius in July.", "NATO engineers meet in Vilnius in July."),
    (
        "The French president will meet the German chancellor in Strasbourg.",
        "The French president will meet the voters of Strasbourg.",
    ),
    ("Putin and Erdogan met in Sochi.", "Putin and Erdogan spoke by telephone."),
    (
        "A summit between North Korea and the United States was called off.",
        "A hike to the summit of the mountain was called off.",
    ),
    (
        "Leaders arrive in Nairobi for the African Union summit.",
        "Climbers arrive in Nairobi before the summit of the peak.",
    ),
    ("Japan hosts the G7 summit in Hiroshima.", "Japan hosts the youth summit in Hiroshima."),
    ("Modi holds talks with Biden in Delhi.", "Modi holds a rally in Delhi."),
    ("The European Council agrees on migration.", "The district council agrees on parking."),
    (
        "The prime minister of Spain visited Rabat and met the king of Morocco.",
        "The foreign minister of Spain visited Rabat and met his Moroccan counterpart.",
    ),
    (
        "Protesters marched as the G20 leaders gathered in Johannesburg.",
        "Protesters marched as the union leaders gathered in Johannesburg.",
    ),
    ("The Kremlin offered a summit between Putin and Zelensky.", "The Kremlin offered gas to Hungary."),
    ("ASEAN leaders discussed the crisis in Myanmar at their summit.", "ASEAN exporters discussed the price of rice."),
]
PAIRS = [
    (topic, *pair)
    for topic, pairs in (("expulsion", EXPULSION), ("sanctions", SANCTIONS), ("summit", SUMMIT))
    for pair in pairs
]


@pytest.fixture(scope="module")
def annotator() -> Annotator:
    return Annotator(load())


@pytest.mark.parametrize(("topic", "shown", "other"), PAIRS)
@pytest.mark.parametrize("place", ["title", "text"])
def test_a_topic_is_given_to_the_one_and_not_to_the_other(annotator, topic, shown, other, place):
    def topics(sentence):
        found = annotator.annotate(article_of({"id": "1", "lang": "en", place: sentence}))
        return {label.topic for label in found.labels}

    assert topic in topics(shown)
    assert topic not in topics(other)


EVENTS = [
    ("Latvia expelled three Belarusian diplomats.", ("expel", "LVA", "BLR", 3, "happened")),
    ("Latvia will expel three Belarusian diplomats.", ("expel", "LVA", "BLR", 3, "planned")),
    ("Latvia threatened to expel three Belarusian diplomats.", ("expel", "LVA", "BLR", 3, "threatened")),
    ("Latvia denied that it had expelled three Belarusian diplomats.", ("expel", "LVA", "BLR", 3, "denied")),
    ("Two Cuban envoys were told to leave by Panama.", ("expel", "PAN", "CUB", 2, "happened")),
    ("Romania expels 11 Russian diplomats", ("expel", "ROU", "RUS", 11, "happened")),
    ("The expulsion of twelve Greek diplomats by Turkey caused a row.", ("expel", "TUR", "GRC", 12, "happened")),
    ("In response, Ankara ordered 25 Dutch diplomats out.", ("expel", "TUR", "NLD", 25, "happened")),
    ("Burundi declared the Rwandan consul persona non grata.", ("expel", "BDI", "RWA", 1, "happened")),
    ("Venezuela gave the ambassador of Brazil 72 hours to leave.", ("expel", "VEN", "BRA", 1, "happened")),
    ("Canada imposed sanctions on Iran.", ("sanction", "CAN", "IRN", None, "happened")),
    ("Canada is considering sanctions against Iran.", ("sanction", "CAN", "IRN", None, "planned")),
    ("The EU lifted sanctions on Zimbabwe.", ("lift_sanction", "EU", "ZWE", None, "happened")),
    (
        "Ukraine expelled two Hungarian diplomats and banned entry to Hungarian officials.",
        ("sanction", "UKR", "HUN", None, "happened"),
    ),
    ("Macron met Xi in Beijing.", ("host_or_meet", "FRA", "CHN", None, "happened")),
    (
        "The Japanese prime minister will meet the South Korean president in Tokyo.",
        ("host_or_meet", "JPN", "KOR", None, "planned"),
    ),
    ("Jordan recalled its ambassador to Israel.", ("recall_envoy", "JOR", "ISR", 1, "happened")),
]


@pytest.mark.parametrize(("sentence", "expected"), EVENTS)
def test_an_event_names_actor_target_count_and_status(annotator, sentence, expected):
    found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": sentence}))
    assert expected in [(e.type, e.actor, e.target, e.count, e.status) for e in found.events]


@pytest.mark.parametrize(
    "sentence",
    [
        "Denmark told two Iranian diplomats to go.",
        "Two Iranian diplomats were sent home by Denmark.",
        "Denmark has thrown out two Iranian diplomats.",
        "Denmark kicked two Iranian diplomats out.",
        "Two Iranian diplomats were given 72 hours to leave Denmark.",
        "Denmark declared two Iranian diplomats personae non gratae.",
        "Denmark said two Iranian diplomats must leave the country.",
        "Denmark withdrew the accreditation of two Iranian diplomats and told them to leave.",
        "Denmark ordered two Iranian diplomats to pack their bags.",
        "Denmark showed two Iranian diplomats the door.",
        "Denmark is expelling two Iranian diplomats.",
        "Denmark orders two Iranian diplomats out",
        "Denmark asked two Iranian diplomats to leave the country.",
        "Two Iranian diplomats have been ordered out of Denmark.",
    ],
)
def test_rewordings_of_one_expulsion_tell_the_same_event(annotator, sentence):
    found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": sentence}))
    assert "expulsion" in {label.topic for label in found.labels}
    assert ("expel", "DNK", "IRN", 2) in [(e.type, e.actor, e.target, e.count) for e in found.events]
