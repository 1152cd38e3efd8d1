// Which Grafana is tried by hand: of June 2023 (10.0), the newest commit that could be had as a module when this was written. It is built in a copy of its
// own module (xtask/src/grafana.rs), because what it replaces is replaced there alone.
module doorward-e2e-grafana

go 1.26

require github.com/grafana/grafana v1.9.2-0.20230609164553-81d85ce8028d
