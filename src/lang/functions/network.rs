//! Address blocks.

use super::number::number;
use super::signature::{Accepts, Function, FunctionError, Outcome, Returns, fail, integer, parameter, pure, strings, text, whole};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use windlass_api::{Number, Value};

const STRING: Returns = Returns::Always(Accepts::String);

pub(super) const FUNCTIONS: &[Function] = &[
    pure(
        "cidrcontains",
        &[parameter("containing_prefix", Accepts::String), parameter("contained_ip_or_prefix", Accepts::String)],
        Returns::Always(Accepts::Bool),
        contains,
    ),
    pure("cidrhost", &[parameter("prefix", Accepts::String), parameter("hostnum", Accepts::Number)], STRING, host),
    pure("cidrnetmask", &[parameter("prefix", Accepts::String)], STRING, netmask),
    pure(
        "cidrsubnet",
        &[parameter("prefix", Accepts::String), parameter("newbits", Accepts::Number), parameter("netnum", Accepts::Number)],
        STRING,
        subnet,
    ),
    pure("cidrsubnets", &[parameter("prefix", Accepts::String)], Returns::Always(Accepts::ListOfString), subnets)
        .and(parameter("newbits", Accepts::Number)),
];

/// A block as Terraform reads it: octets with leading zeros are decimal.
fn block(text: &str) -> Result<IpNet, FunctionError> {
    let plain: Option<String> = text.split_once('/').map(|(address, length)| {
        let octet = |octet: &str| match octet.trim_start_matches('0') {
            "" if !octet.is_empty() => "0".to_owned(),
            trimmed => trimmed.to_owned(),
        };
        match address.contains(':') {
            true => format!("{address}/{length}"),
            false => format!("{}/{length}", address.split('.').map(octet).collect::<Vec<_>>().join(".")),
        }
    });
    match plain.and_then(|plain| plain.parse::<IpNet>().ok()) {
        Some(net) => Ok(net.trunc()),
        None => fail(format!("invalid CIDR expression: invalid CIDR address: {text}")),
    }
}

fn bits(net: &IpNet) -> (u128, u8) {
    match net {
        IpNet::V4(net) => (u32::from(net.network()).into(), 32),
        IpNet::V6(net) => (net.network().into(), 128),
    }
}

fn address(value: u128, width: u8) -> IpAddr {
    match width {
        32 => IpAddr::V4(Ipv4Addr::from(value as u32)),
        _ => IpAddr::V6(Ipv6Addr::from(value)),
    }
}

/// How many numbers so many bits tell apart; `None` for all of 128.
fn count(free: u8) -> Option<u128> {
    1u128.checked_shl(free.into())
}

fn magnitude(number: &Number) -> Option<u128> {
    number.abs().to_string().parse().ok()
}

fn host(arguments: &[Value]) -> Outcome {
    let net = block(text(arguments, 0))?;
    let wanted = number(arguments, 1);
    let (base, width) = bits(&net);
    let free = width - net.prefix_len();
    let refuse = || fail(format!("prefix of {} does not accommodate a host numbered {wanted}", net.prefix_len()));
    let Some(distance) = magnitude(&wanted) else { return refuse() };
    let negative = wanted < Number::Int(0);
    let offset = match count(free) {
        Some(count) if negative && distance > count || !negative && distance >= count => return refuse(),
        Some(count) if negative => count - distance,
        None if negative => u128::MAX - (distance - 1),
        _ => distance,
    };
    Ok(address(base.wrapping_add(offset), width).to_string().into())
}

fn netmask(arguments: &[Value]) -> Outcome {
    match block(text(arguments, 0))? {
        IpNet::V4(net) => Ok(net.netmask().to_string().into()),
        IpNet::V6(_) => fail("IPv6 addresses cannot have a netmask: only IPv4 is supported"),
    }
}

fn subnet(arguments: &[Value]) -> Outcome {
    let net = block(text(arguments, 0))?;
    let (more, wanted) = (whole(arguments, 1)?, number(arguments, 2));
    let (base, width) = bits(&net);
    let Some(length) = longer(&net, more, width) else {
        return fail(format!("insufficient address space to extend prefix of {} by {more}", net.prefix_len()));
    };
    let fits = magnitude(&wanted)
        .filter(|distance| wanted >= Number::Int(0) && count(length - net.prefix_len()).is_none_or(|count| *distance < count));
    match fits {
        Some(distance) => {
            let offset = if length == 0 { 0 } else { distance.checked_shl((width - length).into()).unwrap_or(0) };
            Ok(shown(base.wrapping_add(offset), length, width).into())
        }
        None => fail(format!("prefix extension of {more} does not accommodate a subnet numbered {wanted}")),
    }
}

fn longer(net: &IpNet, more: i64, width: u8) -> Option<u8> {
    let length = i64::from(net.prefix_len()).checked_add(more)?;
    u8::try_from(length).ok().filter(|length| *length <= width && more >= 0)
}

fn shown(base: u128, length: u8, width: u8) -> String {
    match address(base, width) {
        IpAddr::V4(address) => Ipv4Net::new(address, length).map(|net| net.to_string()).unwrap_or_default(),
        IpAddr::V6(address) => Ipv6Net::new(address, length).map(|net| net.to_string()).unwrap_or_default(),
    }
}

/// Consecutive blocks, each aligned to its own size.
fn subnets(arguments: &[Value]) -> Outcome {
    let net = block(text(arguments, 0)).map_err(|error| FunctionError { argument: Some(0), ..error })?;
    let (base, width) = bits(&net);
    let mut next = Some(base);
    let mut found = Vec::new();
    for position in 1..arguments.len() {
        let more = integer(arguments, position)?;
        if more < 1 {
            return super::signature::fail_argument(position, "must extend prefix by at least one bit");
        }
        let Some(length) = longer(&net, more, width) else {
            return super::signature::fail_argument(
                position,
                format!(
                    "would extend prefix to {} bits, which is too long for an {} address",
                    i64::from(net.prefix_len()) + more,
                    if width == 32 { "IPv4" } else { "IPv6" }
                ),
            );
        };
        let size = 1u128 << (width - length);
        let aligned = next.and_then(|next| next.checked_next_multiple_of(size));
        let last = match count(width - net.prefix_len()) {
            Some(count) => base + (count - 1),
            None => u128::MAX,
        };
        match aligned.filter(|start| *start <= last && *start >= base) {
            Some(start) => {
                found.push(shown(start, length, width));
                next = start.checked_add(size);
            }
            None => {
                return super::signature::fail_argument(
                    position,
                    format!(
                        "not enough remaining address space for a subnet with a prefix of {length} bits after {}",
                        found.last().map_or("the start", String::as_str)
                    ),
                );
            }
        }
    }
    Ok(strings(found))
}

fn contains(arguments: &[Value]) -> Outcome {
    let outer = block(text(arguments, 0))?;
    let inner = match text(arguments, 1).parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => block(text(arguments, 1))?,
    };
    match (outer, inner) {
        (IpNet::V4(_), IpNet::V6(_)) | (IpNet::V6(_), IpNet::V4(_)) => {
            fail(format!("address family mismatch: {} vs. {}", text(arguments, 0), text(arguments, 1)))
        }
        _ => Ok(outer.contains(&inner).into()),
    }
}
