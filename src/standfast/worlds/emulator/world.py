"""The world itself: build, observe, break, heal, clear, each going on from whatever state things are in."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from standfast.problem import NOWHERE, Place, Problem, Problems
from standfast.programs import find_terraform, program_version, terraform_environment
from standfast.workspace import Workspace
from standfast.worlds import Fault
from standfast.worlds.emulator import faults, leftovers, strays
from standfast.worlds.emulator.aws import asked, client_of
from standfast.worlds.emulator.condition import SETTLED, Condition, condition_of, some
from standfast.worlds.emulator.endpoint import Endpoint, end_endpoint, find_endpoint, join_endpoint, start_endpoint
from standfast.worlds.emulator.events import Run, Step, Story
from standfast.worlds.emulator.state import outputs_in, recorded
from standfast.worlds.emulator.terraform import only_run, quick, run_terraform
from standfast.worlds.emulator.workcopy import code_stamp, copy_code, environment_for

PARALLEL = "-parallelism=40"  # the time goes into the provider's own pauses, and those can pass side by side
CLUTTER = re.compile(r"https response error |StatusCode: \d+, |RequestID: [^,]*, |HostID: [^,]*, ")
AGAIN = "run the same command again to go on"


@dataclass(frozen=True)
class Built:
    """What a build did: addresses created, changed and removed.

    `strays`: what was taken away that nobody owned; `notes`: what state things were in, and what became of it;
    `plan`: Terraform's own plan before, as JSON, {} where nothing stood; `settled`: a second plan found nothing.
    """

    created: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    strays: tuple[str, ...]
    notes: tuple[str, ...]
    plan: Mapping[str, Any]
    was_settled: bool  # before: so that what the plan calls drift is somebody's doing
    differs: tuple[str, ...]  # addresses which the second plan would change again; empty when settled
    resources: int
    terraform: str

    @property
    def settled(self) -> bool:
        return not self.differs


@dataclass(frozen=True)
class Emulator:
    """`folder` holds what the world keeps between calls, `code` the user's Terraform; `values` are the input
    variables that code leaves open, `places` the lines of the spec by resource address.
    """

    folder: Path
    code: Path
    region: str = "us-east-1"
    values: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    step: Step = lambda told: None
    name: str = "emulator"
    host: Path | None = None  # the folder of the world that runs the server, where this one is a guest in it

    @classmethod
    def of(cls, workspace: Workspace, site: str = "", **settings: Any) -> Emulator:
        """The emulator of a workspace. What a build was told is remembered: later calls need not say it again.

        `site`: the standby has a folder and a state of its own; it shares the server, as both are in one account.
        """
        folder = workspace.world("emulator")
        if site:
            settings.setdefault("host", folder)
            folder = folder / site
        try:
            kept = json.loads((folder / "settings.json").read_text())
        except (OSError, ValueError):
            kept = {}
        known = {key: kept[key] for key in ("region", "values") if key in kept}
        return cls(folder, workspace.terraform / site, **{**known, **settings})

    @property
    def work(self) -> Path:
        return self.folder / "terraform"

    @property
    def condition(self) -> Condition:
        return condition_of(self.folder)

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the code tells of what stands, without secrets."""
        return outputs_in(self.folder)

    # The five that every world has

    def build(self) -> None:
        """Bring up what the code says, or go on where an interrupted build stopped."""
        self.apply()

    def observe(self) -> Mapping[str, Any]:
        """Every resource that stands, read anew: address -> its attributes. Empty where nothing stands."""
        if self.condition.kind != "standing":
            return {}
        module = self.look().get("prior_state", {}).get("values", {}).get("root_module", {})
        managed = (one for one in module.get("resources", ()) if one["mode"] == "managed")
        return {one["address"]: one["values"] for one in managed}

    def break_(self, fault: Fault) -> None:
        """Change something behind Terraform's back, as a person at the console would. See `faults.py`."""
        with asked():
            faults.make(fault, recorded(self.folder), self.client)

    def heal(self) -> None:
        """Make it as the code says again."""
        if self.condition.kind == "standing":
            self.apply()

    def clear(self) -> None:
        """Take everything down and leave nothing: no resource, no process, no folder."""
        self.destroy()

    # What they are made of

    def apply(self) -> Built:
        """Build, plan again, and settle the state. Raises Problems; KeyboardInterrupt leaves a state to go on from."""
        notes = self.resume()
        endpoint = self._prepared()
        before, settled = self.condition, self.folder / SETTLED
        plan: Mapping[str, Any] = {}
        settled.unlink(missing_ok=True)
        if before.resources:
            wanted = self._plan("change.tfplan", endpoint).would_change
            plan = self._shown("change.tfplan", endpoint)
            with asked():
                taken = strays.remove(plan, self.client)
            run = self._run(endpoint, "apply", "-json", PARALLEL, "change.tfplan", planned=len(wanted))
        else:  # nothing can be in the way, so Terraform plans as it applies, and starts once instead of twice
            taken, run = (), self._run(endpoint, "apply", "-json", "-auto-approve", PARALLEL)
            wanted = run.would_change
        differs: tuple[str, ...] = ()
        if wanted or taken:
            differs = self._plan("settle.tfplan", endpoint).would_change
            if not differs:
                # Writes down what AWS filled in after the creation: a later difference is somebody's doing.
                self._run(endpoint, "apply", "-json", "settle.tfplan")
        if not differs:
            settled.touch()
        return Built(
            run.done("create"), run.done("update"), run.done("delete"), taken, notes, plan, before.settled, differs,
            self.condition.resources, program_version(self._terraform),
        )  # fmt: skip

    def resume(self) -> tuple[str, ...]:
        """Put things into a state a build can go on from. Returns what was found and done, in sentences."""
        with only_run(self.folder, self.step):
            found = self.condition
        match found.kind:
            case "lost" | "cut":
                self.reset()
                return (f"{found}; it starts over from nothing",) if found.resources or found.half_created else ()
            case _ if found.tainted:
                endpoint = self._prepared()
                for address in found.tainted:
                    self.step(f"going on with {address}")
                    quick([self._terraform, "untaint", address], self.folder, self._environment(endpoint), self.step)
                return (f"an earlier run was interrupted; it goes on with {some(found.tainted)}",)
            case "empty" | "standing" if (self.folder / "run.jsonl").exists():
                (self.folder / "run.jsonl").unlink()
                return ("an earlier run was killed, its Terraform ended in order; it goes on from there",)
            case _:
                return ()

    def reset(self) -> None:
        """Forget everything: the server with all it holds, and the state that speaks of it."""
        self._leave()
        for pattern in ("terraform.tfstate*", ".terraform.tfstate*", "*.tfplan"):
            for path in self.work.glob(pattern):
                path.unlink()
        for name in (SETTLED, "run.jsonl"):
            (self.folder / name).unlink(missing_ok=True)

    def look(self) -> Mapping[str, Any]:
        """Terraform's view of what really stands, changing nothing: a refresh-only plan as JSON, with
        `resource_drift` (what changed since the last apply) and `prior_state` (what stands now).

        Raises Problems when nothing stands or Terraform cannot tell.
        """
        found = self.condition
        if found.kind != "standing" or found.endpoint is None:
            raise Problems([Problem(str(found), fix="build it with: standfast apply SPEC")])
        self._plan("look.tfplan", found.endpoint, "-refresh-only")
        return self._shown("look.tfplan", found.endpoint)

    def destroy(self, *regions: str) -> tuple[str, ...]:
        """Take everything down, if anything is there; in sentences. `regions`: others in which nothing may be left."""
        if not self.folder.exists():
            return ()
        with only_run(self.folder, self.step):
            found = self.condition
        done = []
        if found.kind != "standing" or found.endpoint is None:
            done.append(f"{found}; what was left of it is removed")
        else:
            done += self._destroyed(found.endpoint)
            if self.host is None:
                self.step("asking AWS whether anything is left")
                with asked():
                    done += leftovers.kept(self.client, self.region, *regions)
        self._leave()
        shutil.rmtree(self.folder)
        return tuple(done)

    def _leave(self) -> None:
        """End the server; where it is another world's, only forget it."""
        if self.host is None:
            end_endpoint(self.folder)
        else:
            (self.folder / "server.json").unlink(missing_ok=True)

    def _destroyed(self, endpoint: Endpoint) -> list[str]:
        """Terraform's destroy, with what stands in its way taken away before; in words."""
        (self.folder / SETTLED).unlink(missing_ok=True)
        lifted: list[str] = []
        gone = 0
        for last in (False, True):
            # The state says what is to go. Where that is not enough, since something was changed behind it or goes on
            # being written, the second time looks first.
            with asked():
                lifted += leftovers.lift_protection(recorded(self.folder), self.client)
            look = f"-refresh={str(last).lower()}"
            run = self._run(endpoint, "destroy", "-json", "-auto-approve", PARALLEL, look, may_fail=not last)
            gone += len(run.done("delete"))
            if run.code == 0:
                break
        return [*(f"lifted: {one}" for one in dict.fromkeys(lifted)), f"{gone} resources destroyed"]

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client on the emulator. Raises Problems when its server is not there."""
        return client_of(self.folder, service, region or self.region)

    @property
    def _terraform(self) -> Path:
        return find_terraform()

    def _environment(self, endpoint: Endpoint) -> dict[str, str]:
        return environment_for(endpoint.url, terraform_environment(self.folder), self.values)

    def _prepared(self) -> Endpoint:
        """The server runs, the code is copied, Terraform is initialised."""
        terraform = self._terraform
        copy_code(self.code, self.work)
        (self.folder / "settings.json").write_text(json.dumps({"region": self.region, "values": dict(self.values)}))
        endpoint = find_endpoint(self.folder)
        if endpoint is None:
            self.step("starting the AWS API on this machine" if self.host is None else "going into the same account")
            endpoint = start_endpoint(self.folder) if self.host is None else join_endpoint(self.folder, self.host)
        stamp, wanted = self.folder / "init.stamp", code_stamp(self.work)
        if not (self.work / ".terraform").exists() or not stamp.exists() or stamp.read_text() != wanted:
            self.step("terraform init: preparing the AWS provider")
            init = [terraform, "init", "-input=false", "-no-color", "-reconfigure"]
            environment = {**terraform_environment(self.folder), "AWS_EC2_METADATA_DISABLED": "true"}
            quick(init, self.folder, environment, self.step)
            stamp.write_text(wanted)
        return endpoint

    def _plan(self, name: str, endpoint: Endpoint, *options: str) -> Run:
        return self._run(endpoint, "plan", "-json", "-input=false", f"-out={name}", PARALLEL, *options)

    def _shown(self, name: str, endpoint: Endpoint) -> Mapping[str, Any]:
        shown = quick([self._terraform, "show", "-json", name], self.folder, self._environment(endpoint), self.step)
        return json.loads(shown)

    def _run(self, endpoint: Endpoint, *arguments: str, planned: int = 0, may_fail: bool = False) -> Run:
        run = run_terraform(
            [self._terraform, *arguments],
            self.folder,
            self._environment(endpoint),
            Story(self.step, planned),
            lambda: endpoint.alive,
        )
        if run.code == 0 or (may_fail and run.code > 0 and endpoint.alive):
            return run
        if not endpoint.alive:
            raise Problems([Problem("the emulator's server ended in the middle of the work", "", AGAIN)])
        if run.code < 0:
            raise Problems([Problem(f"Terraform was killed (signal {-run.code})", "", AGAIN)])
        raise Problems([self._problem(one) for one in run.errors] or [Problem("Terraform failed", fix=AGAIN)])

    def _problem(self, diagnostic: Mapping[str, Any]) -> Problem:
        address = diagnostic.get("address") or ""
        place = self.places.get(address.partition("[")[0], NOWHERE)
        detail = " ".join(diagnostic.get("detail", "").split())[:600]
        summary = CLUTTER.sub("", diagnostic.get("summary", ""))[:600]
        return Problem(f"{address}: {summary}" if address else summary, detail, "", place)
