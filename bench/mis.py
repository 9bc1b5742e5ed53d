"""The tables of MIS: handovers over real delays, N2N requests against their floor, strangers, and
the row of `latchkey sim --world mis`."""
import json
import os
import subprocess

from measure import BUILD, SERVER_CPU, on
from mis_handover import Handover
from mis_n2n import N2n
from mis_strangers import Strangers

MNS, POS, SECONDS = 10000, 50, 30
FEW_MNS = 1000


def sim(mns):
    return [BUILD / "latchkey", "sim", "--world", "mis", "--json", "--ues", mns, "--pos", POS,
            "--seconds", SECONDS, "--seed", 1]


class Mis(Handover, N2n, Strangers):
    def mis(self):
        self.handover()
        self.n2n()
        self.strangers()
        self.mis_sim()

    def mis_sim(self):
        mns = FEW_MNS if self.quick else MNS
        run = subprocess.Popen(on(SERVER_CPU, sim(mns)), stdout=subprocess.PIPE, text=True)
        row = json.loads(run.stdout.read())
        _, status, used = os.wait4(run.pid, 0)
        run.returncode = status
        cpu_s = used.ru_utime + used.ru_stime
        row |= {"mns": mns, "pos": POS, "cpu_s": cpu_s, "mib": used.ru_maxrss / 1024,
                "cryptography": self.sim_cryptography(sim(FEW_MNS))}
        share = "-" if row["cryptography"] is None else f"{row['cryptography']:.0%}"
        reach = row["broken"] or "a captured PoS reaches no further than the limit"
        print(f"\n13. latchkey sim --world mis, {mns:,} MNs among {POS} PoS, three of ten "
              f"captured, {SECONDS} s of faults\n\n"
              f"    {cpu_s:.0f} s of one core, {row['mib']:,.0f} MiB; {row['served']:,} handovers, "
              f"{row['optimised']:,} of them optimised, and {row['attached'] + row['by_erp']:,} "
              f"authentications in full: {row['events'] / cpu_s:,.0f} events a second, {share} of "
              f"it cryptography; {reach}", flush=True)
        self.result["mis_sim"] = row
