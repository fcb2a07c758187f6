//! `windlass-peer-rego POLICY INPUT QUERY`: prints the value of a query over a policy and a JSON document.

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [policy, input, query] = &arguments[..] else { bail!("usage: windlass-peer-rego POLICY INPUT QUERY") };
    let mut engine = regorus::Engine::new();
    engine.add_policy_from_file(policy).context("the policy")?;
    engine.set_input(regorus::Value::from_json_file(input).context("the input")?);
    println!("{}", engine.eval_rule(query.clone())?.to_json_str()?);
    Ok(())
}
