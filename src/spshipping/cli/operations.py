"""`spshipping operations` and `call`: every operation that there is, and a call of any of them."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from spshipping.catalogue import operations
from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.completion import operation_names
from spshipping.cli.console import INPUT_FILE, fail, has_terminal, new_console, print_table, read_input
from spshipping.cli.values import HIDDEN, as_json, plain
from spshipping.disk import Draft
from spshipping.errors import DecodeError, SpShippingError
from spshipping.meta import Attempt, ReplyMeta
from spshipping.operation import Call, Effect, Operation, Reply
from spshipping.wire.convert import loads

_EFFECTS = {
    Effect.NONE: "reads",
    Effect.KEYED: "changes, with a key",
    Effect.ONCE: "changes, no key",
    Effect.IDEMPOTENT: "changes, repeatable",
}


def domain_of(operation: Operation[Any]) -> str:
    """Return the package of an operation, as in `orders.v0`."""
    reference = operation.reference
    assert reference is not None  # noqa: S101 - each of the catalogue is a constant of its package
    return reference.module.removeprefix("spshipping.")


@click.command("operations")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--json", "in_json", is_flag=True, help="Print them as one line of JSON.")
def list_operations(words: Sequence[str], *, in_json: bool) -> None:
    """List the operations that this version has; with WORDs, those whose name, route or role has all of them.

    The exit code is 0 if there is any, else 1.
    """
    facts = [_facts(operation) for operation in operations()]
    found = [fact for fact in facts if all(word.lower() in as_json(fact).lower() for word in words)]
    if in_json:
        click.echo(json.dumps({"operations": found}))
    else:
        rows = [(fact["domain"], fact["name"], fact["effect"], _quota(fact), fact["route"]) for fact in found]
        print_table(new_console(), ("domain", "operation", "effect", "quota", "route"), rows)
    click.get_current_context().exit(0 if found else 1)


def _facts(operation: Operation[Any]) -> dict[str, Any]:
    return {
        "domain": domain_of(operation),
        "name": operation.name,
        "route": operation.route,
        "effect": _EFFECTS[operation.effect],
        "rate": operation.quota.rate,
        "burst": operation.quota.burst,
        "roles": list(operation.roles),
        "personal_data": list(operation.pii_elements or ()),
        "parameters": [
            *operation.path_names,
            *(parameter.name for parameter in (*operation.query, *operation.headers)),
        ],
        "body": operation.body.__name__ if operation.body else None,
    }


def _quota(fact: dict[str, Any]) -> str:
    return f"{fact['rate']:g}/s, burst {fact['burst']}"


def named(name: str) -> Operation[Any]:
    """Return the operation of Amazon's operationId, or of a domain and that, as `orders.v0.getOrder`.

    Raises:
        click.UsageError: there is none, or more than one.
    """
    found = [one for one in operations() if name in (one.name, f"{domain_of(one)}.{one.name}")]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(f"{domain_of(one)}.{one.name}" for one in found)
        raise click.UsageError(f"{name} is an operation of {len(found)} APIs: give {names}")
    raise click.UsageError(f"There is no operation {name}. `spshipping operations` lists all of them.")


@click.command("call")
@click.argument("name", metavar="OPERATION", shell_complete=operation_names)
@click.argument("parameters", nargs=-1, metavar="[KEY=VALUE]...")
@click.option("--body", type=INPUT_FILE, help="The body, as JSON in Amazon's spelling; - is the input.")
@click.option("--pii", multiple=True, metavar="ELEMENT", help="Personal data to ask for; can be repeated.")
@click.option("--reveal", is_flag=True, help="Show personal values. Without it, … stands for them.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write Amazon's answer there.")
@click.option("--yes", "is_agreed", is_flag=True, help="Send what changes something without asking.")
@click.option("-v", "--verbose", is_flag=True, help="Show each request and answer, without what is secret.")
@click.option("--json", "in_json", is_flag=True, help="Print the result as one line of JSON.")
@pass_choice
def call_operation(
    choice: Choice,
    name: str,
    parameters: Sequence[str],
    body: Path | None,
    pii: Sequence[str],
    out: Path | None,
    *,
    reveal: bool,
    is_agreed: bool,
    verbose: bool,
    in_json: bool,
) -> None:
    """Call any OPERATION, by Amazon's operationId, with its parameters as KEY=VALUE; a list has commas.

    What changes something is sent only after a question, or with --yes; its idempotency key, if it has one,
    is printed before.
    The exit code is 0 if Amazon answered with success, else 1.

        spshipping call getTracking trackingId=1Z carrierId=AMZN_UK
    """
    operation = named(name)
    if operation.effect is not Effect.NONE and not is_agreed and (in_json or not has_terminal()):
        raise click.UsageError(f"{operation.name} changes something: give --yes, as nobody can be asked")
    try:
        call = _made(operation, parameters, body)
        call = call.with_pii(pii) if pii else call
        # what cannot be written is found out before anything is sent
        with Draft(out, private=True) if out else nullcontext() as draft:
            with choice.client(on_reply=_show) if verbose else choice.client() as client:
                endpoint = client.context.origin.endpoint
                if operation.effect is not Effect.NONE:
                    call = _agreed(call, endpoint, is_agreed=is_agreed)
                if verbose:
                    _show_request(call, endpoint)
                reply = client.send(call)
            _print(reply, reveal=reveal, in_json=in_json, verbose=verbose)
            if draft is not None:
                draft.write(reply.raw)
                draft.finish()
    except SpShippingError as error:
        fail(error, as_json=in_json)


def _print(reply: Reply[Any], *, reveal: bool, in_json: bool, verbose: bool) -> None:
    if verbose:
        click.echo(as_json({"answer": _without_none(reply.meta)}), err=True)
    result = plain(reply.value, reveal=reveal)
    if in_json:
        click.echo(as_json({"request_id": reply.meta.request_id, "result": result}))
    else:
        click.echo(as_json(result, indent=2))


def _made(operation: Operation[Any], parameters: Sequence[str], body: Path | None) -> Call[Any]:
    """Return the call.

    Raises:
        click.UsageError: a parameter is not one of the operation's, or has no value; the body is no JSON.
        InvalidRequestError: as for every call.
    """
    given = [text.partition("=") for text in parameters]
    for key, mark, _ in given:
        if not mark:
            raise click.UsageError(f"{key}: give a parameter as KEY=VALUE")
    places: dict[str, dict[str, str]] = {"path": {}, "query": {}, "headers": {}}
    known = dict.fromkeys(operation.path_names, "path")
    known |= {parameter.name: "query" for parameter in operation.query}
    known |= {parameter.name: "headers" for parameter in operation.headers}
    for key, _, value in given:
        if key not in known:
            has = ", ".join(known) or "none"
            raise click.UsageError(f"{operation.name} has no parameter {key}. Its parameters: {has}.")
        if key in places[known[key]]:
            raise click.UsageError(f"{key} is given twice; a list has commas: {key}=first,second")
        places[known[key]][key] = value
    return operation(**places, body=_body(operation, body))


def _body(operation: Operation[Any], body: Path | None) -> Any:
    if body is None or operation.body is None:
        if operation.body is not None:
            raise click.UsageError(
                f"{operation.name} has a body: give --body FILE, a {operation.body.__name__}"
            )
        if body is not None:
            raise click.UsageError(f"{operation.name} has no body")
        return None
    try:
        return loads(read_input(body), operation.body)
    except DecodeError:
        raise click.UsageError(f"--body holds no {operation.body.__name__} in JSON") from None


def _agreed(call: Call[Any], endpoint: str, *, is_agreed: bool) -> Call[Any]:
    """Return the call with its idempotency key, once a person agrees to it.

    The key is printed first: with it, the same call can be sent again, and is not carried out twice.
    """
    operation = call.operation
    if operation.effect is Effect.KEYED:
        call = call.with_key()
        click.echo(f"idempotency key: {call.key}", err=True)
    question = f"{operation.name} {operation.effect.value}. Send it to {endpoint}?"
    if not is_agreed and not click.confirm(question, err=True):
        raise click.Abort
    return call


def _show_request(call: Call[Any], endpoint: str) -> None:
    """Print what is sent, as a support case at Amazon needs it, without what is personal."""
    operation = call.operation
    personal = {each.name for each in (*operation.query, *operation.headers) if each.is_personal}
    given = {**call.path, **call.query, **call.headers}
    facts = {
        "operation": operation.name,
        "route": operation.route,
        "endpoint": endpoint,
        "parameters": {name: HIDDEN if name in personal else value for name, value in given.items()},
        "body": plain(call.body, reveal=False),
    }
    click.echo(as_json({"request": facts}), err=True)


def _show(attempt: Attempt) -> None:
    click.echo(as_json({"attempt": _without_none(attempt)}), err=True)


def _without_none(facts: Attempt | ReplyMeta) -> dict[str, Any]:
    return {name: value for name, value in facts._asdict().items() if value is not None}
