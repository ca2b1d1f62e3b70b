"""Revoking at the issuer what is removed here (ADR 0021).

The token is taken under the client's locks, just before its store is emptied. The issuer is asked
when the locks are free again, so that no log-out waits for a network or fails by one. The guard
never asks.
"""

import time
from typing import TYPE_CHECKING, Literal

from tipstaff_policy.clients.interface.adapter import Adapter
from tipstaff_policy.clients.interface.issuer import NotRevocable, Sealed
from tipstaff_policy.enforcement.enforce import Enforcement
from tipstaff_policy.errors import TipstaffError
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HostState
from tipstaff_policy.record import Record

if TYPE_CHECKING:
    from tipstaff_policy.assessment.policy_loading import Organisation

TIME_LIMIT_S = 10.0
"""For all credentials of one log-out together."""


class Revocation(Record):
    """What became of one credential at its issuer."""

    store: str
    path: str | None
    outcome: Literal["revoked", "not_revocable", "failed", "planned"]
    detail: str
    issuer: str | None
    """The address of the request; None if none was sent."""
    through: tuple[str, ...] = ()
    """Variables of the environment that had a part in how it was asked."""
    ignored: tuple[str, ...] = ()
    """Variables that name another issuer, and had none."""


class Revoker:
    """Takes what is about to be removed, and asks the issuer to revoke it afterwards."""

    def __init__(self, adapter: Adapter, request: Request) -> None:
        self._issuer = adapter.issuer()
        self._request = request
        self._taken: list[tuple[Revocation, Sealed | None]] = []

    def take(self, request: Request, state: HostState, store: str) -> None:
        """Keep what revokes the credential of a store; never fails, for a removal follows."""
        path = next(
            (credential.path for credential in state.credentials if credential.source == store),
            None,
        )
        self.take_from(request, state.home, store, path)

    def take_from(self, request: Request, home: str, store: str, path: str | None) -> None:
        """Keep what revokes the credential of a store of a home; never fails."""
        empty = Revocation(store, path, "failed", "", None)
        try:
            found = self._issuer.read(request, home, store)
        except FileNotFoundError:
            found = NotRevocable("holds no credential")
        except Exception as error:  # noqa: BLE001 - whatever it is, the removal goes on
            self._taken.append((empty._replace(detail=f"could not be read: {_why(error)}"), None))
            return
        if isinstance(found, NotRevocable):
            plain = empty._replace(outcome="not_revocable", detail=found.why)
            self._taken.append((plain, None))
        else:
            self._taken += [
                (empty._replace(detail=taken.nearby), taken.body)
                for taken in (found, *found.others)
            ]

    def finish(
        self, result: Enforcement, *, time_limit_s: float = TIME_LIMIT_S
    ) -> tuple[Revocation, ...]:
        """Ask the issuer after an enforcement; after a dry run, only name it."""
        planned = [step.store for step in result.steps if step.outcome == "planned"]
        if not planned:
            return self.revoke(result.organisation, time_limit_s=time_limit_s)
        for store in planned:
            self.take(self._request, result.state, store)
        return self.plan(result.organisation)

    def plan(self, organisation: "Organisation | None") -> tuple[Revocation, ...]:
        """Name the issuer of everything that was taken."""
        return tuple(
            self._add_issuer(revocation, organisation)._replace(outcome="planned")
            if body
            else revocation
            for revocation, body in self._taken
        )

    def revoke(
        self, organisation: "Organisation | None", *, time_limit_s: float = TIME_LIMIT_S
    ) -> tuple[Revocation, ...]:
        """Ask the issuer about everything that was taken, and return what came of it.

        Call it when the removal is done and its locks are free. It raises nothing.
        """
        asked = [
            (self._add_issuer(revocation, organisation), body)
            for revocation, body in self._taken
            if body is not None
        ]
        answers = iter(self._answers(asked, time_limit_s))
        self._taken = [
            (revocation if body is None else next(answers), None)
            for revocation, body in self._taken
        ]
        return tuple(revocation for revocation, _ in self._taken)

    def _add_issuer(self, taken: Revocation, organisation: "Organisation | None") -> Revocation:
        """Add whom to ask, and what of the environment counts for that and what does not."""
        from tipstaff_policy.system.https import proxy_variable  # noqa: PLC0415 - only to revoke

        rule = organisation.policy.revoke_url if organisation else None
        url = rule.value if rule else self._issuer.url
        env = self._request.env
        through = (proxy_variable(env, url), self._issuer.ca_variable(self._request))
        return taken._replace(
            issuer=url,
            through=tuple(variable for variable in through if variable),
            ignored=tuple(override for override in self._issuer.overrides if override in env),
        )

    def _answers(
        self, asked: list[tuple[Revocation, Sealed]], time_limit_s: float
    ) -> list[Revocation]:
        """Ask about all at the same time, so that one limit holds for all.

        In threads, because looking a name up has no time limit of its own; one that hangs ends
        with the process.
        """
        from threading import Thread  # noqa: PLC0415 - only to revoke

        late = f"no answer in time ({time_limit_s:g} s)"
        answers = [
            revocation._replace(detail=_join(late, revocation.detail)) for revocation, _ in asked
        ]

        def ask(number: int) -> None:
            answers[number] = self._ask(*asked[number], time_limit_s)

        threads = [Thread(target=ask, args=(index,), daemon=True) for index in range(len(asked))]
        until = time.monotonic() + time_limit_s
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(max(until - time.monotonic(), 0))
        except (KeyboardInterrupt, RuntimeError):
            pass  # who will not wait, or has no thread left, still has logged out
        return list(answers)

    def _ask(self, asking: Revocation, body: Sealed, time_limit_s: float) -> Revocation:
        from tipstaff_policy.system.https import Post, post  # noqa: PLC0415 - only to revoke

        issuer, request = self._issuer, self._request
        try:
            authorities = issuer.authorities(request)
            url = str(asking.issuer)
            # An address that the policy names may answer in its own way.
            stamp = issuer.stamp if url == issuer.url else ""
            to = Post(url, issuer.content_type, request.env, authorities, time_limit_s, stamp)
            status = post(to, body.reveal())
        except Exception as error:  # noqa: BLE001 - the log-out is done, and its result stands
            return asking._replace(detail=_join(_why(error), asking.detail))
        if 200 <= status < 300:
            detail = _join(f"it answered {status}", asking.detail)
            return asking._replace(outcome="revoked", detail=detail)
        followed = "; redirects are not followed" if 300 <= status < 400 else ""
        detail = _join(f"it answered {status}{followed}", asking.detail)
        return asking._replace(detail=detail)


def _join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _why(error: Exception) -> str:
    """Return why something failed; of what is not our own error, no text that it could quote."""
    if isinstance(error, TipstaffError):
        return error.what
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
