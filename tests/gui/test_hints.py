"""What the window says in place of a command for the terminal."""

from __future__ import annotations

import pytest

from photosearch.errors import ModelMissingError
from photosearch.gui.hints import Advice, advice, without_commands


@pytest.mark.parametrize(
    ("hint", "told"),
    [
        ("", Advice("Wrong.")),
        ("Make room.", Advice("Wrong. Make room.")),
        ("Try again. Else: photosearch doctor", Advice("Wrong. Try again.")),
        ("Close photosearch first.", Advice("Wrong. Close photosearch first.")),
        (
            "photosearch models verify org/a+int8 --repair",
            Advice("Wrong. Photosearch can mend it.", "Repair…", "org/a+int8", is_damaged=True),
        ),
        (
            "photosearch models download org/a, or import it from another machine: "
            "photosearch models import FILE.",
            Advice("Wrong. Download it, or import it from another machine.", "Download…", "org/a"),
        ),
        (
            "Check the line. Or bring it: there, photosearch models export ID FILE; here, "
            "photosearch models import FILE. Until then the other answers.",
            Advice(
                "Wrong. Check the line. Or import it from another machine. "
                "Until then the other answers.",
                "Models…",
            ),
        ),
        (
            "Choose another model first: photosearch models use ID",
            Advice("Wrong.", "Choose another model"),
        ),
    ],
)
def test_commands_become_words_and_a_button(hint: str, told: Advice) -> None:
    assert advice(ModelMissingError("Wrong.", hint)) == told


def test_a_note_leaves_out_what_is_for_the_terminal() -> None:
    note = 'For the sample album only. Get another: "photosearch models", or in the window.'
    assert without_commands(note) == "For the sample album only."
