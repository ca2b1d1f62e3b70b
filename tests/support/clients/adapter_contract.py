"""What every client's adapter keeps to; a client inherits it and lays out its own hosts."""

import json
import os
from pathlib import Path

import pytest

from support.clients.slot_contract import SECRET
from tipstaff_policy.assessment.audit import judge_all
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.removal_plan import plan_removal
from tipstaff_policy.checks import MODULES, load_check
from tipstaff_policy.checks.model import Check
from tipstaff_policy.clients import (
    CLIENTS,
    PROGRAMS,
    entry_points_of,
    policy_fields_of,
    stores_to_move_to,
)
from tipstaff_policy.clients.interface.adapter import with_start_option
from tipstaff_policy.clients.interface.deployment import Stamp
from tipstaff_policy.enforcement.enforce import enforce
from tipstaff_policy.errors import PolicyError, StoreLockedError
from tipstaff_policy.logins.logout import log_out
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import OWNERS, NoCredential
from tipstaff_policy.organisation.fields import RULES_OF_CLIENTS
from tipstaff_policy.system.files import open_folder
from tipstaff_reports.formats import MODULES as FORMATS
from tipstaff_reports.formats import load_format
from tipstaff_reports.model import as_audit
from tipstaff_schemas.export import faults
from tipstaff_schemas.report import Report

NOW = 1_800_000_000
STAMP = Stamp("p", "1", "owner", f"sha256:{'0' * 64}")
DECIDED = {"allow", "log_out", "block", "ignore_credential", "not_logged_in"}


class AdapterContract:
    """A client is judged, emptied, deployed and shown by what its adapter gives."""

    adapter = None
    """The adapter of the client."""
    managed = ""
    """Where the administrators' file is on Linux."""

    def lay_out(self, root, *, login=None, rules=None):
        """Lay out a host in a system root.

        Args:
            login: `GOOD`, `BAD`, or None for none; its secret holds `SECRET`.
            rules: `BINDING`, which `GOOD` satisfies and `BAD` breaks, `MALFORMED`, or None.
        """
        raise NotImplementedError

    def report(self, root):
        """Return the report of an audit of a host, made in this process."""
        raise NotImplementedError

    @pytest.fixture
    def host(self, tmp_path):
        def lay_out(**what):
            return self.lay_out(tmp_path / "host", **what)

        return lay_out

    def request(self, root, *, entry_point=None, **options):
        point = entry_point or self.adapter.entry_points[0]
        asked = Request({}, str(root), NOW, self.adapter.versions.newest, str(root))
        return asked._replace(entry_point=point).read_with(**options)

    def state(self, root, **more):
        return self.adapter.read_state(self.request(root, **more))

    # What it is.

    def test_the_tables_know_its_program_and_its_entry_points(self):
        name = self.adapter.name

        assert name in CLIENTS
        assert PROGRAMS[self.adapter.program] == name
        assert entry_points_of(name) == self.adapter.entry_points

    def test_every_method_has_a_name_a_label_and_a_title(self):
        assert all(all(method[:3]) for method in self.adapter.methods)
        assert len(self.adapter.methods) == len({method.name for method in self.adapter.methods})

    def test_there_is_a_command_to_sign_in_by_every_method(self):
        assert {*self.adapter.sign_in} == {method.name for method in self.adapter.methods}

    def test_a_policy_can_state_its_methods_and_stores(self):
        fields = policy_fields_of(self.adapter.name)
        names = [method.name for method in self.adapter.methods]

        assert {*names} == {*fields["login_methods"].kind.read(names)}
        assert fields["stores"].kind.read([*self.adapter.deployment().authoring.stores])

    def test_a_table_of_a_policy_is_a_file_that_is_deployed(self):
        tables = {*policy_fields_of(self.adapter.name)} - {*RULES_OF_CLIENTS}

        assert tables == {*self.adapter.deployment().file_of}

    def test_a_way_to_sign_in_is_by_one_of_its_methods(self):
        names = {method.name for method in self.adapter.methods}

        assert {flow.method for flow in self.adapter.login().flows.values()} <= names

    def test_a_login_is_moved_between_its_own_stores_alone(self):
        movable = self.adapter.custody().movable

        assert {*movable} == {*stores_to_move_to(self.adapter.name)}
        stores = {slot.store for slot in self.adapter.slots}

        assert {*movable, *(way.source for way in movable.values())} <= stores

    def test_every_start_option_says_something_of_the_state(self):
        for option in self.adapter.start_options:
            before = Request({}, "/", 0)
            assert with_start_option(before, option, "key=value") != before, option.name

    def test_a_command_line_of_another_program_is_not_its_own(self):
        assert self.adapter.read_invocation(("/usr/bin/make", "all")) is None

    def test_a_command_line_of_its_own_starts_at_a_known_entry_point(self):
        readings = self.adapter.read_invocation((self.adapter.program,))

        assert readings
        assert {reading.entry_point for reading in readings} <= {*self.adapter.entry_points}

    def test_versions_stand_in_an_order(self):
        order = self.adapter.versions.order
        proven = [order(version) for version in self.adapter.versions.proven]

        assert proven == sorted(proven)
        assert order("no version") is None

    # What it says.

    def test_advice_is_given_to_checks_that_there_are(self):
        assert {*self.adapter.advice()} <= {*MODULES}

    def test_advice_either_says_what_to_do_or_that_the_fault_cannot_be(self):
        for check, advice in self.adapter.advice().items():
            told = advice._replace(not_applicable="")
            assert bool(advice.not_applicable) != any(told), check

    def test_every_check_asks_for_something(self):
        advice = self.adapter.advice()
        spoken = {
            check: (advice[check].remedy if check in advice else "") or metadata(check).remedy
            for check in MODULES
        }

        assert [check for check, remedy in spoken.items() if not remedy] == []

    # What it reads.

    def test_nothing_on_a_host_is_nobody_signed_in(self, host):
        state = self.state(host())

        assert all(isinstance(place.content, NoCredential) for place in state.credentials)
        assert self.adapter.decide(state).verdict == "not_logged_in"
        assert comply(state, self.adapter.by_administrators).verdict in ("complies", "nobody")

    def test_a_good_login_under_the_rules_complies(self, host):
        state = self.state(host(login=GOOD, rules=BINDING))

        assert comply(state, self.adapter.by_administrators).verdict == "complies"
        assert self.adapter.decide(state).verdict == "allow"

    def test_a_bad_login_under_the_rules_violates(self, host):
        state = self.state(host(login=BAD, rules=BINDING))

        assert comply(state, self.adapter.by_administrators).verdict == "violates"
        assert self.adapter.decide(state).verdict in DECIDED - {"allow", "not_logged_in"}

    def test_what_cannot_be_read_never_complies(self, host):
        root = host(login=GOOD, rules=BINDING)
        for path in self.files_of(root):
            path.write_bytes(b"\xff{ cut off")
        state = self.state(root)

        assert comply(state, self.adapter.by_administrators).verdict == "cannot_tell"
        assert self.adapter.decide(state).verdict != "allow"

    def test_every_credential_that_is_stored_lies_in_a_slot(self, host):
        state = self.state(host(login=BAD, rules=BINDING), every_place=True)
        stored = {place.source for place in state.everywhere() if place.is_stored}

        assert stored <= {slot.store for slot in self.adapter.slots}

    def test_a_malformed_file_of_the_administrators_is_a_fault_at_its_line(self, host):
        state = self.state(host(login=BAD, rules=MALFORMED), detail="lines")
        sign_in = comply(state, self.adapter.by_administrators)

        assert (sign_in.verdict, plan_removal(sign_in, "").standing) == ("cannot_tell", "refused")
        assert [f"{self.managed}:2"] == [fault.where for fault in sign_in.faults]

    def test_where_a_login_is_kept_is_refused_by_a_malformed_file(self, host):
        state = self.state(host(rules=MALFORMED), detail="lines")

        with pytest.raises(PolicyError) as raised:
            self.adapter.custody().setting_of(state)

        assert raised.value.where == f"{self.managed}:2"

    def test_a_malformed_file_removes_nothing(self, host):
        root = host(login=BAD, rules=MALFORMED)
        before = [path.read_bytes() for path in self.files_of(root)]

        done = enforce(self.adapter, self.request(root))

        assert 3 == done.exit_code
        assert before == [path.read_bytes() for path in self.files_of(root)]

    def test_the_decision_goes_by_the_settings_in_force(self, host):
        """Leave in a state but what is in force: the decision stays what it was."""
        state = self.state(host(login=BAD, rules=BINDING), detail="all")
        effective = self.adapter.effective(state)
        facts = self.adapter.follows(state, self.adapter.observe(self.request(state.cwd), state))
        by_rules = {rule.key: str(rule.origin) for rule in facts.rules if rule.in_force}
        by_settings = {
            setting.key: str(setting.origin)
            for setting in effective.settings
            if setting.key in by_rules
        }

        assert by_rules
        assert by_rules == by_settings

    def test_a_decision_names_no_owner_that_no_rule_restricts(self, host):
        decision = self.adapter.decide(self.state(host(login=GOOD)))

        assert [owner for owner in OWNERS if decision.list_allowed(owner) is not None] == []

    @pytest.mark.parametrize("login", ["good", "bad", None])
    def test_every_entry_point_has_a_decision_and_an_exit_code(self, login, host):
        root = host(login=login, rules=BINDING)
        wanted = {"good": 0, "bad": 11, None: 0}[login]

        for point in self.adapter.entry_points:
            request = self.request(root, entry_point=point)
            assert self.adapter.decide(self.adapter.read_state(request)).verdict in DECIDED, point
            assert wanted == enforce(self.adapter, request, dry_run=True).exit_code, point

    # What it empties.

    def test_enforcement_removes_what_violates_and_proves_it(self, host):
        root = host(login=BAD, rules=BINDING)

        done = enforce(self.adapter, self.request(root))

        assert (10, "nobody") == (done.exit_code, done.sign_in_after.verdict)
        assert not self.holds_secret(root)

    def test_a_log_out_on_request_leaves_no_login(self, host):
        root = host(login=GOOD, rules=BINDING)

        assert 0 == log_out(self.adapter, self.request(root)).exit_code
        assert not self.holds_secret(root)

    def test_a_malformed_file_keeps_nobody_from_logging_out(self, host):
        root = host(login=GOOD, rules=MALFORMED)

        log_out(self.adapter, self.request(root))

        assert not self.holds_secret(root)

    def test_its_lock_is_free_once_it_was_held(self, host):
        home = self.state(host(login=GOOD)).home
        folder = open_folder(home)
        before = sorted(os.listdir(home))
        try:
            for _ in range(2):
                with self.adapter.hold(folder, home, 0.2):
                    pass
        finally:
            os.close(folder)

        assert {*before} <= {*os.listdir(home)}

    def test_its_lock_is_taken_by_one_at_a_time(self, host):
        home = self.state(host(login=GOOD)).home
        folders = [open_folder(home), open_folder(home)]
        try:
            with (
                self.adapter.hold(folders[0], home, 0.2),
                pytest.raises(StoreLockedError),
                self.adapter.hold(folders[1], home, 0.2),
            ):
                pass
        finally:
            for folder in folders:
                os.close(folder)

    def test_a_rehearsal_logs_out(self, tmp_path):
        host = self.adapter.rehearsal()
        home = tmp_path / "home/dev" / self.adapter.folder
        for path, content in (
            *host.files.items(),
            (home.relative_to(tmp_path) / self.adapter.files[host.store], host.login),
        ):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(content)

        assert 10 == enforce(self.adapter, self.request(tmp_path)).exit_code

    # What it writes.

    def test_a_deployed_file_reads_back_to_the_policy_that_it_was_made_from(self):
        deployment, policy = self.adapter.deployment(), self.policy()
        files = {file.name: file.text for file in deployment.files_of(policy)}
        again = deployment.files_of(deployment.restrictions_in(files))

        assert files
        assert files == {file.name: file.text for file in again}

    def test_a_stamp_reads_back_and_an_edit_is_seen(self):
        stamps = self.adapter.deployment().stamps
        for file in self.adapter.deployment().files_of(self.policy()):
            data = stamps.write(file.name, STAMP, file.text)
            edited = stamps.read(file.name, data[:-2] + b" " + data[-2:])

            assert (True, STAMP) == (
                data.startswith(stamps.start(file.name)),
                stamps.read(file.name, data),
            )
            assert edited != STAMP

    def test_every_file_has_a_place_that_is_whole(self):
        deployment = self.adapter.deployment()
        names = {file.name for file in deployment.files}

        assert all({*places} <= names for places in deployment.places.values())
        assert {*deployment.file_of.values()} <= names

    def test_values_of_a_domain_stand_for_the_files_byte_for_byte(self):
        deployment = self.adapter.deployment()
        preferences, stamps = deployment.preferences, deployment.stamps
        if preferences is None:
            return
        files = {
            file.name: stamps.write(file.name, STAMP, file.text)
            for file in deployment.files_of(self.policy())
            if file.name in preferences.names
        }

        assert files == preferences.files(preferences.values(files))

    def test_a_host_with_the_files_in_place_goes_by_them(self, host):
        deployment = self.adapter.deployment()
        files = deployment.files_of(self.policy())
        state = deployment.deploy(self.state(host(login=BAD), every_place=True), files, "files")

        assert comply(state, self.adapter.by_administrators).verdict == "violates"

    def test_lint_refuses_a_file_that_the_client_does_not_read(self):
        lint = self.adapter.lint()
        name, kind = next(iter(lint.kinds.items()))
        from tipstaff_policy.clients.interface.lint import Given

        found = lint.refused(lint.read(Given(f"x/{name}", b"\n[[[", kind), None))

        assert found is not None
        assert (found.rule, found.line is not None) == ("invalid", True)

    # What it shows.

    @pytest.mark.parametrize("login", ["good", "bad"])
    def test_no_secret_is_in_any_representation(self, login, host):
        root = host(login=login, rules=BINDING)
        request = self.request(root, detail="all")
        ((_, found),) = judge_all(self.adapter, request, tuple(sorted(MODULES)))
        stores = self.adapter.custody().every_store(request)
        documents = [
            self.adapter.custody().read_document(request, store, stores.home)
            for store in self.adapter.files
            if store in self.adapter.custody().movable
        ]

        assert SECRET not in repr((found, stores, documents))

    @pytest.mark.parametrize("login", ["good", "bad", None])
    @pytest.mark.parametrize("form", FORMATS)
    def test_every_report_format_shows_it_without_a_secret(self, form, login, host):
        text = load_format(form).render(as_audit(self.report(host(login=login, rules=BINDING))))

        assert SECRET not in text

    @pytest.mark.parametrize("login", ["good", "bad", None])
    def test_its_report_fits_the_schema_and_follows_from_its_state(self, login, host):
        report = self.report(host(login=login, rules=BINDING))
        document = json.loads(load_format("json").render(as_audit(report)))
        again = Report.model_validate_json(json.dumps(document))

        assert faults("report", document) == []
        assert self.adapter.decide(again.state) == again.decision
        assert comply(again.state, self.adapter.by_administrators) == again.sign_in

    def policy(self):
        """Return a policy that states every rule and a key of every file of the client."""
        raise NotImplementedError

    def files_of(self, root):
        """Return every file of a host in which a login is."""
        return [path for path in Path(root).glob("home/*/.*/*") if path.name in self.names()]

    def names(self):
        return {slot.name for slot in self.adapter.slots if slot.name}

    def holds_secret(self, root):
        files = (path for path in Path(root).rglob("*") if path.is_file())
        return any(SECRET.encode() in path.read_bytes() for path in files)


GOOD, BAD = "good", "bad"
BINDING, MALFORMED = "binding", "malformed"


def metadata(check_id) -> Check:
    """Return a check without its function."""
    check, _ = load_check(check_id)
    return check
