"""What an article looks like: terms outside furniture, entities, and a sketch that copies share."""

from tocsin.agents.stories.fingerprint import fingerprint, likeness

LONG = " ".join(f"word{at} stands here" for at in range(60))


def test_terms_are_folded_and_joined(build):
    """Case, diacritics and plural are folded, function words left out, and entities counted by id."""
    terms = fingerprint(build("a", "Envoys of Norland", "An envoy and the MINISTÈRE, the ministries.")).terms
    assert {"envoy", "ministere", "ministry", "norland", "@NOR"} <= terms.keys()
    assert not {"the", "of", "an", "envoys"} & terms.keys()


def test_the_title_weighs_more(build):
    """A word of the title weighs more than one that stands as often in the body."""
    terms = fingerprint(build("a", "Harbour", "Lighthouse")).terms
    assert terms["harbour"] > terms["lighthouse"]


def test_furniture_is_left_out(build):
    """Words inside furniture are no terms and no part of the sketch, wherever the piece stands."""
    plain = fingerprint(build("a", "Harbour opens", "Ships came. More ships."))
    framed = build("a", "Harbour opens", "Menu login Ships came. More ships. Cookies")
    start = len("Harbour opens") + 2
    framed = build(
        "a",
        "Harbour opens",
        framed.article.text,
        furniture=((start, start + 11), (start + 34, start + 42)),
    )
    assert fingerprint(framed) == plain


def test_only_furniture(build):
    """An article that is all furniture has no terms and no sketch, and is no error."""
    assert fingerprint(build("a", "", "Menu", furniture=((0, 4),))).terms == {}
    assert fingerprint(build("a", "")).sketch == ()


def test_a_copy_is_alike_and_another_text_is_not(build):
    """A text with a few words changed shares most runs, another text none."""
    one = fingerprint(build("a", "Harbour", LONG)).sketch
    assert likeness(one, one) == 1.0
    assert likeness(one, fingerprint(build("b", "Harbour", f"{LONG} And one line more.")).sketch) > 0.7
    assert likeness(one, fingerprint(build("c", "Orchard", LONG.replace("word", "tree"))).sketch) < 0.2
    assert likeness((), ()) == 0.0


def test_signs_without_spaces(build):
    """Texts that write no spaces are cut in pairs of signs, so two reports share terms."""
    one = fingerprint(build("a", "俄罗斯驱逐外交官")).terms
    two = fingerprint(build("b", "外交官被俄罗斯驱逐")).terms
    assert len(one.keys() & two.keys()) >= 4
