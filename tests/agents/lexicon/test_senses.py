"""Frames that can't be used are refused by name."""

import pytest

from tocsin.agents.lexicon.packs import PackError
from tocsin.agents.lexicon.senses import senses

FRAME = {"name": "city.x", "sense": "city", "before": "{verb} "}


def test_frames_are_compiled_in_their_order_with_their_words():
    found = senses({"words": {"verb": ["left", "reached"], "always_place": ["in"]}, "frames": [FRAME]})
    assert found.always_place == {"in"}
    assert found.frames[0].before.search("they reached ")


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        ({**FRAME, "before": "{verbs} "}, r"senses.toml: city.x: unknown list \{verbs\}; use one of verb"),
        ({**FRAME, "before": "("}, r"senses.toml: city.x: not a regular expression"),
        ({**FRAME, "sense": "town"}, r"senses.toml: Invalid enum value 'town'"),
        ({**FRAME, "side": "x"}, r"senses.toml: .*unknown field `side`"),
    ],
)
def test_a_frame_that_cannot_be_used_is_refused_by_name(frame, fault):
    with pytest.raises(PackError, match=fault):
        senses({"words": {"verb": ["left"]}, "frames": [frame]})
