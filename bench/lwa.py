"""The row of `latchkey sim --world lwa`: handovers of a hundred thousand devices, with machines,
world and invariants on one core."""
import json
import resource
import shutil
import subprocess

from measure import BUILD, SERVER_CPU, median, on

UES, SECONDS, RUNS = 100000, 8, 3
FEW_UES = 10000
HANDOVER_MS = 2000     # between those of a device, on average


def sim(ues, seed, handover_ms=HANDOVER_MS):
    """Devices say no data, and what would strike all of them at once is left out: what happens are
    set-ups, handovers, with a re-key each where there is time for it, and their faults."""
    return [BUILD / "latchkey", "sim", "--world", "lwa", "--json", "--ues", ues,
            "--seconds", SECONDS, "--handover-ms", handover_ms, "--speak-ms", 0,
            "--restart-s", 0, "--cut-s", 0, "--seed", seed]


def said_by(command):
    return subprocess.run(on(SERVER_CPU, command), capture_output=True, text=True,
                          check=True).stdout


class Lwa:
    def sim(self):
        ues = FEW_UES if self.quick else UES
        runs = [self.sim_pair(ues, seed + 1) for seed in range(1 if self.quick else RUNS)]
        row = {"ues": ues, "cryptography": self.sim_cryptography(sim(FEW_UES, 1))}
        row |= {key: median(runs, key) for key in runs[0]}
        share = "-" if row["cryptography"] is None else f"{row['cryptography']:.0%}"
        print(f"\n8. latchkey sim --world lwa, {ues:,} devices: in a second of one core\n")
        print(f"{'handovers':>10}{'re-keys':>9}{'their events':>14}{'set-ups':>9}"
              f"{'cryptography':>14}\n{row['handovers']:>10,.0f}{row['rekeys']:>9,.0f}"
              f"{row['events']:>14,.0f}{row['setups']:>9,.0f}{share:>14}", flush=True)
        self.result["sim"] = row

    def sim_pair(self, ues, seed):
        """With handovers, and without: what is more of all is theirs, the rest is the set-up of as
        many devices."""
        with_them, without = self.sim_run(sim(ues, seed)), self.sim_run(sim(ues, seed, 0))
        more = {key: with_them[key] - without[key] for key in with_them}
        row = {key: more[key] / more["cpu_s"] for key in ("handovers", "rekeys", "events")}
        return row | {"setups": ues / without["cpu_s"]}

    def sim_run(self, command):
        """By the CPU's time, so that what else runs there does not show."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = json.loads(said_by(command))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"cpu_s": cpu_s} | {key: run[key] for key in ("handovers", "rekeys", "events")}

    def sim_cryptography(self, command):
        """The share of the library of primitives, by samples of a smaller run: the floor. None: no
        perf here."""
        perf, samples = shutil.which("perf"), self.folder / "sim.perf"

        if perf is None:
            return None
        said_by([perf, "record", "-q", "-F", 200, "-o", samples, *command])
        report = said_by([perf, "report", "-q", "--stdio", "-s", "dso", "-i", samples])
        shares = [line.split() for line in report.splitlines() if "libnettle" in line]
        return sum(float(share.rstrip("%")) for share, _ in shares) / 100
