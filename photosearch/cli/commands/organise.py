"""`favourite`, `rate`, `tag`, `album`, `tags`, `albums`: what the user says of photos."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from photosearch.cli import output, session
from photosearch.core.userdata import RATING_MAX, UserChange, one_line
from photosearch.errors import UsageError

#: Files that are named in an error; who needs all of them has `--json`.
_NAMED_MAX = 5

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE ...", show_default=False)]


def favourite(
    context: typer.Context,
    files: Files,
    off: Annotated[bool, typer.Option("--off", help="They are favourites no more.")] = False,
    as_json: Json = False,
) -> None:
    """Mark photos as favourites."""
    done = "favourite no more" if off else "favourite"
    none = "None of them was a favourite." if off else "They are favourites already."
    _change(context, files, UserChange(is_favourite=not off), done, none, as_json)


def rate(
    context: typer.Context,
    stars: Annotated[
        int, typer.Argument(metavar="STARS", min=0, max=RATING_MAX, help="1 to 5, or 0 for none.")
    ],
    files: Files,
    as_json: Json = False,
) -> None:
    """Give photos stars."""
    done = output.counted(stars, "star") if stars else "no stars"
    none = f"They have {done} already."
    _change(context, files, UserChange(rating=stars), done, none, as_json)


def tag(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="TAG")],
    files: Files,
    off: Annotated[bool, typer.Option("--off", help="Take the tag off them.")] = False,
    as_json: Json = False,
) -> None:
    """Put a tag on photos."""
    name = one_line("tag", name)
    change = UserChange(remove_tags=(name,)) if off else UserChange(add_tags=(name,))
    done = f"tag {name} taken off" if off else f"tagged {name}"
    none = f"None had the tag {name}." if off else f"They are tagged {name} already."
    _change(context, files, change, done, none, as_json)


def album(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ALBUM")],
    files: Files,
    off: Annotated[bool, typer.Option("--off", help="Take them out of the album.")] = False,
    as_json: Json = False,
) -> None:
    """Put photos into an album, which is made where there is none of the name."""
    name = one_line("album", name)
    change = UserChange(remove_albums=(name,)) if off else UserChange(add_albums=(name,))
    done = f"taken out of the album {name}" if off else f"in the album {name}"
    none = f"None was in the album {name}." if off else f"They are in the album {name} already."
    _change(context, files, change, done, none, as_json)


def tags(context: typer.Context, as_json: Json = False) -> None:
    """List the tags."""
    with session.of(context).client() as client:
        _print_names(client.vocabulary().tags, "tags", "photosearch tag TAG FILE ...", as_json)


def albums(context: typer.Context, as_json: Json = False) -> None:
    """List the albums."""
    with session.of(context).client() as client:
        found = client.vocabulary().albums
        _print_names(found, "albums", "photosearch album ALBUM FILE ...", as_json)


def _change(
    context: typer.Context,
    files: list[Path],
    change: UserChange,
    done: str,
    none: str,
    as_json: bool,
) -> None:
    """Changes the photos that lie in files, and says which are none of the library's.

    Args:
        context: Which library.
        files: Where they lie.
        change: What is to become different.
        done: What is so now.
        none: What to say where all of it was so before.
        as_json: For machines.

    Raises:
        UsageError: Some are none; the others were changed.
    """
    with session.of(context).client() as client:
        ids = client.photo_ids_of(files)
        changed_count = client.change_photos(sorted(set(ids.values())), change)
    unknown = [path for path in files if path not in ids]
    if as_json:
        output.print_json(
            {
                "changed_count": changed_count,
                "unknown": [output.path_json(path) for path in unknown],
            }
        )
    elif changed_count:
        output.print_line(f"{output.counted(changed_count, 'photo')}: {done}.")
    elif ids:
        output.print_note(none)
    if unknown:
        names = ", ".join(output.path_text(path) for path in unknown[:_NAMED_MAX])
        more = f" and {len(unknown) - _NAMED_MAX:,} more" if len(unknown) > _NAMED_MAX else ""
        raise UsageError(
            f"Not in the library: {names}{more}.",
            "Add their folder (photosearch add FOLDER), or look whether they could be read: "
            "photosearch failures",
        )


def _print_names(names: tuple[str, ...], what: str, how: str, as_json: bool) -> None:
    if as_json:
        output.print_json({what: list(names)})
        return
    for name in names:
        output.print_line(name)
    if not names:
        output.print_note(f"No {what} yet. Begin: {how}")
