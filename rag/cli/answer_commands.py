"""The commands that answer questions, and check and measure answers; each returns an exit status."""

from __future__ import annotations

import argparse  # noqa: TC003
import sys
from pathlib import Path

from rag.cli.output import (
    chosen_indexes,
    open_at,
    open_chosen,
    open_together,
    print_json,
    print_lines,
    progress_bars,
    say,
)
from rag.errors import ExtraMissing, InputError

__all__ = ["PAGE_GROUP", "about", "ask", "batch", "calibrate", "chat", "evaluate", "verify"]

PAGE_GROUP = "pullquote.page"


def ask(options: argparse.Namespace) -> int:
    """Answer one question."""
    from rag.answering.files.question_rows import check_question
    from rag.cli.explain import explain_lines
    from rag.cli.terminal import Style, answer_lines

    question = check_question(" ".join(options.question))
    with open_together(options) as index:
        answer = index.ask(
            question, history=options.after, always_answer=options.always_answer, explain=options.explain
        )
    if options.json:
        print_json([answer.to_dict()])
        return 0
    style = Style.of(sys.stdout)
    print_lines(answer_lines(answer, style, every=options.all))
    if options.explain:
        print_lines(["", *explain_lines(answer, style)])
    return 0


def about(options: argparse.Namespace) -> int:
    """Show every sentence about a thing."""
    from rag.answering.files.question_rows import check_question
    from rag.answering.posts.mention_files import check_mentions_file, write_mentions
    from rag.cli.terminal import Style, mention_lines

    subject = check_question(" ".join(options.subject))
    if options.out is not None:
        check_mentions_file(options.out)
    with open_together(options) as index:
        found = index.about(subject)
    if options.out is not None:
        write_mentions(found, options.out)
    if options.json:
        print_json([found.to_dict()])
    elif options.out is None:
        print_lines(mention_lines(found, Style.of(sys.stdout)))
    else:
        say(f"{options.out}: {found.count} sentences of {len(found.posts)} posts")
    return 0


def chat(options: argparse.Namespace) -> int:
    """Start the page."""
    from importlib.metadata import entry_points

    page = next(iter(entry_points(group=PAGE_GROUP)), None)
    if page is None:
        raise ExtraMissing("the chat page is not installed", remedy="Install it: pip install -e .")
    home, *others = chosen_indexes(options)
    for place in (home, *others):
        if not isinstance(place, Path) or not (place / "current").is_file():
            open_at(place).close()  # reports what is missing before the page's slow libraries load
    try:
        launch = page.load()
    except ModuleNotFoundError as error:
        raise ExtraMissing(f"the chat page needs {error.name}", remedy="Install it: pip install -e .") from error
    launch(
        home,
        others=others,
        host=options.host,
        port=options.port,
        auth=options.auth,
        root_path=options.root_path,
        max_upload_mb=options.max_upload_mb,
        mcp=options.mcp,
        watch=options.watch,
        fast=options.fast,
        open_browser=not options.no_browser,
    )
    return 0


def batch(options: argparse.Namespace) -> int:
    """Answer a file of questions."""
    from rag.answering.batch import check_out, partial_path, run_batch
    from rag.answering.files.question_files import read_questions

    check_out(options.out, options.questions)
    rows = read_questions(options.questions, options.column)
    with open_together(options) as index, progress_bars(options) as bars:
        try:
            report = run_batch(
                index,
                rows,
                options.out,
                resume=options.resume,
                always_answer=options.always_answer,
                processes=None,
                progress=bars,
            )
        except KeyboardInterrupt:
            say("")  # ends the line of the progress bar
            say(f"Stopped. Finished rows are in {partial_path(options.out)}.")
            say("Run the same command with --resume to continue.")
            raise
    kept = f" ({report.resumed} kept from the previous run)" if report.resumed else ""
    say(
        f"{options.out}: {report.rows} rows{kept}: {report.answered} answered, {report.partial} partly, "
        f"{report.no_answer} without an answer, {report.error} with an error"
    )
    return 0


def verify(options: argparse.Namespace) -> int:
    """Check an answers file; exit status 1 if a quote is not exact."""
    from rag.answering.files.reopened_pages import PagesOfFolder
    from rag.answering.files.table_answers import answers_to_check
    from rag.answering.heaps import indexes_of
    from rag.answering.verification import proofs, verify_answers
    from rag.cli.terminal import failure_lines

    if options.root is None:
        with open_together(options) as opened:
            heaps = proofs(indexes_of(opened))
            first = next(iter(heaps.values()))
            rows = answers_to_check(options.answers, first.pages, first.post_of)
            found = verify_answers(rows, first.pages, first.post_of, heaps)
    elif options.root.is_dir():
        folder = PagesOfFolder(options.root)
        found = verify_answers(answers_to_check(options.answers, folder), folder)
    else:
        raise InputError("is not a folder", path=str(options.root), expected="the folder with the pages")
    for failure in found.failures:
        print_lines(failure_lines(failure))
    counted = f"{found.answers} answers, {found.quotes} quotes, {found.locations} locations"
    verdict = "every quote is exact" if found.holds else f"{len(found.failures)} failed"
    print_lines([f"{counted}: {verdict}"])
    return 0 if found.holds else 1


def evaluate(options: argparse.Namespace) -> int:
    """Measure answers against gold questions."""
    from rag.cli.evaluation_report import render_html
    from rag.cli.evaluation_text import evaluation_text
    from rag.evaluation.evaluate import evaluate as measure
    from rag.evaluation.evaluate import read_gold

    gold = read_gold(options.gold)
    with open_chosen(options) as index, progress_bars(options) as bars:
        found = measure(index, gold, always_answer=options.always_answer, progress=bars)
    if options.html is not None:
        options.html.write_text(render_html(found), encoding="utf-8")
    if options.json:
        print_json([found.to_dict()])
    else:
        print_lines([evaluation_text(found)])
    return 0


def calibrate(options: argparse.Namespace) -> int:
    """Choose the confidence below which questions are refused."""
    from rag.cli.evaluation_text import calibration_text
    from rag.evaluation.evaluate import calibrate, read_gold

    gold = read_gold(options.gold)
    with open_chosen(options) as index, progress_bars(options) as bars:
        found = calibrate(
            index,
            gold,
            threshold_confidence=index.threshold_confidence,
            max_wrong=options.max_wrong,
            progress=bars,
        )
        if not options.dry_run:
            index.set_threshold(found.after.effect.threshold_confidence, str(options.gold))
    if options.json:
        print_json([found.to_dict()])
    else:
        print_lines([calibration_text(found)])
    return 0
