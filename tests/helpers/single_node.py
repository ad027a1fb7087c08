"""A real Slurm of one node, from Debian's packages: in a folder of its own, with its own ports and keys.

It needs root, and neither systemd nor control groups. Nothing outside the folder is changed: the daemons and
commands find their configuration through SLURM_CONF. Snakemake's plugin takes that from `srun`; a script
that replaces `srun` sets it again.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROFILE = "workflow/profiles/slurm"
PACKAGES = ("slurmctld", "slurmd", "slurm-client", "munge")
MUNGE_FILES = {
    "key-file": "key",
    "socket": "socket",
    "pid-file": "pid",
    "log-file": "log",
    "seed-file": "seed",
}
POLICY = Path("/usr/sbin/policy-rc.d")
CONFIGURATION = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
# Kill jobs that exceed their requested memory, as the control groups of a real cluster do.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_min_interval=0,bf_interval=5
# Seconds after which a command stops waiting for a controller that does not answer.
MessageTimeout=2
MinJobAge=3600
ReturnToService=2
SlurmdTimeout=60
KillWait=2
AccountingStorageType=accounting_storage/none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def install():
    """Install the packages that are missing, without starting any service; return why it failed, or None."""
    missing = [
        name for name in PACKAGES if subprocess.run(["dpkg", "-s", name], capture_output=True).returncode
    ]
    if not missing:
        return None
    forbid = not POLICY.exists()
    if forbid:
        POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
        POLICY.chmod(0o755)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        for command in (["update"], ["install", "--yes", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", "--quiet", *command], env=environment, check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        return f"apt-get cannot install {' '.join(missing)}: {error.stderr.decode(errors='replace').strip()}"
    finally:
        if forbid:
            POLICY.unlink()
    return None


class SingleNode:
    """The cluster, in `folder`."""

    def __init__(self, folder):
        self.folder, self.processes = folder, {}
        folder.chmod(0o755)
        for name in ("state", "spool"):
            (folder / name).mkdir()
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 - 1024
        text = CONFIGURATION.format(
            host=socket.gethostname().split(".")[0],
            folder=folder,
            ports=free_ports(2),
            cpus=os.cpu_count(),
            memory=memory,
        )
        (folder / "slurm.conf").write_text(text)
        (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
        settings = str(folder / "slurm.conf")
        (folder / "srun").write_text(f'#!/bin/sh\nSLURM_CONF={settings} exec /usr/bin/srun "$@"\n')
        (folder / "srun").chmod(0o755)
        # What a command needs to find this cluster.
        self.variables = {"SLURM_CONF": settings, "PATH": f"{folder}:{os.environ['PATH']}"}
        self.environment = os.environ | self.variables

    def start(self):
        """Start all daemons and wait until the node takes jobs."""
        files = [f"--{name}={self.folder}/munge.{suffix}" for name, suffix in MUNGE_FILES.items()]
        self.launch("munged", "/usr/sbin/munged", "--foreground", "--force", *files)
        self.wait_for(lambda: (self.folder / "munge.socket").exists())
        self.launch("slurmctld", "/usr/sbin/slurmctld", "-D", "-i")
        self.launch("slurmd", "/usr/sbin/slurmd", "-D")
        self.wait_for(
            lambda: self.ask("sinfo", "--noheader", "--format=%t").strip() in ("idle", "mix", "alloc")
        )

    def launch(self, name, *command):
        """Start the daemon `name` in the foreground, in its own session."""
        with open(self.folder / f"{name}.out", "ab") as output:
            self.processes[name] = subprocess.Popen(
                command, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )

    def kill(self, name):
        """End the daemon `name` at once, as a node that fails does."""
        self.processes[name].kill()
        self.processes[name].wait()

    def revive(self, name):
        """Start the daemon `name` again after it was killed, with the jobs that it knew."""
        self.launch(name, f"/usr/sbin/{name}", "-D")

    def resume(self):
        """Let the node accept jobs again."""
        host = socket.gethostname().split(".")[0]
        self.ask("scontrol", "update", f"nodename={host}", "state=resume")

    def cancel_jobs(self):
        """Cancel all jobs and wait until they have ended, 20 s at most."""
        self.ask("scancel", "--user=root")
        self.wait_for(lambda: not self.ask("squeue", "--noheader").strip(), seconds=20, strict=False)

    def stop(self):
        """Cancel all jobs and stop all daemons."""
        self.cancel_jobs()
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def ask(self, *command):
        """Return the output of a Slurm command, empty if it fails."""
        return subprocess.run(command, env=self.environment, capture_output=True, text=True).stdout

    def jobs(self, fields, states="all"):
        """Return the `fields` (as squeue's --format has them) of each job so far, oldest first."""
        command = ["squeue", "--noheader", f"--states={states}", "--sort=i", f"--format={fields}"]
        # The controller does not always answer in time; an error does not mean that there is no job.
        for _ in range(10):
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
            if done.returncode == 0:
                return [line.split() for line in done.stdout.splitlines()]
        raise AssertionError(done.stderr)

    def wait_for(self, condition, seconds=600, strict=True):
        """Wait until `condition()` holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                assert not strict, "".join(
                    path.read_text(encoding="utf-8") for path in self.folder.glob("*.out")
                )
                return
            time.sleep(0.2)


def free_ports(count):
    """Return `count` ports that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def reason_to_skip():
    """Return why there can be no such Slurm here, or None."""
    if os.environ.get("WORKBENCH_TEST_SLURM") != "1":
        return "set WORKBENCH_TEST_SLURM=1 to let the tests install Debian's Slurm and start it"
    if os.geteuid() != 0:
        return "Slurm's daemons need root"
    if not shutil.which("apt-get"):
        return "Slurm comes from Debian's packages, and there is no apt-get"
    return None
