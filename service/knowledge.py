"""What this installation knows beside what comes with Tocsin: office-holders, names, topics, what was learnt."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.service.options import settings_from
from tocsin.service.settings import Settings, SettingsError, located

if TYPE_CHECKING:
    from tocsin.agents.lexicon.vocabulary import Vocabulary


def people_file(settings: Settings) -> Path:
    """Return where the office-holders of a refresh are kept."""
    return settings.directory / "gazetteer" / "people.txt"


def topics_folder(settings: Settings) -> Path:
    """Return where a user's own topics are, a file each."""
    return settings.directory / "topics"


def learnt_file(settings: Settings) -> Path:
    """Return where it is kept what a user's labelled texts taught."""
    return topics_folder(settings) / "learnt.json"


def check(settings: Settings) -> None:
    """Read what this installation adds; SettingsError names the file that can't be used, and the mend."""
    from tocsin.agents.lexicon.load import people_of
    from tocsin.agents.lexicon.load_topics import compiled, learnt, own_files, topic_files
    from tocsin.agents.lexicon.packs import PackError

    file = people_file(settings)
    try:
        people_of([(str(file), file.read_text(encoding="utf-8"))] if file.exists() else [])
    except (PackError, OSError, UnicodeDecodeError) as error:
        told = str(error) if isinstance(error, PackError) else f"{file}: {error}"
        raise SettingsError(f"{told}; run 'tocsin gazetteer refresh' again, or delete the file") from None
    try:
        own = own_files(str(topics_folder(settings)))
        compiled(own)
        learnt(_if_there(learnt_file(settings)))
    except PackError as error:
        raise SettingsError(f"{error}; 'tocsin topics check' says more") from None
    _check_wide(settings, [one.topic for one in (*topic_files(), *own)])


def _check_wide(settings: Settings, topics: Collection[str]) -> None:
    for number, name in enumerate(settings.wide):
        if name not in topics:
            told = f"wide.{number}: {name!r} is no topic; choose from {', '.join(topics)}"
            raise located(settings, SettingsError(told, f"wide.{number}"))


def vocabulary(settings: Settings) -> Vocabulary:
    """Return the vocabulary with all that this installation adds; SettingsError where that can't be used."""
    from tocsin.agents.lexicon.load import load
    from tocsin.agents.lexicon.packs import PackError

    try:
        found = load(
            settings.watch,
            _if_there(people_file(settings)),
            str(topics_folder(settings)),
            _if_there(learnt_file(settings)),
            settings.wide,
        )
    except (PackError, OSError, UnicodeDecodeError):
        check(settings)
        raise
    _check_wide(settings, found.topics)
    return found


def _if_there(path: Path) -> str:
    return str(path) if path.exists() else ""


def topic_names(settings: Settings) -> list[str]:
    """Return every topic that a query may ask for: Tocsin's, the user's, those of annotators of others."""
    from tocsin.agents.lexicon.load_topics import own_files, topic_files
    from tocsin.service.annotators import extra_topics

    own = own_files(str(topics_folder(settings)))
    return [*(file.topic for file in (*topic_files(), *own)), *extra_topics(settings)]


def checked(config: str | None) -> Settings:
    """Return the settings of a file, or the usual ones, once all they add is known to be good; ClickException else."""
    try:
        settings = settings_from({"config": config})
        check(settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
    return settings


def known(config: str | None) -> Vocabulary:
    """Return the vocabulary of a settings file, or of the usual settings; ClickException where it can't be had."""
    try:
        return vocabulary(settings_from({"config": config}))
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
