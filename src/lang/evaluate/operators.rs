//! Operators.

use super::Evaluator;
use crate::syntax::ast::{BinaryOperator, Expression, UnaryOperator};
use windlass_api::value::convert::convert;
use windlass_api::{Number, Type, Value};

const NULL_OPERAND: &str = "Error during operation: argument must not be null.";

impl Evaluator<'_> {
    pub(super) fn unary(&mut self, operator: UnaryOperator, operand: &Expression, whole: &Expression) -> Value {
        let ty = match operator {
            UnaryOperator::Negate => Type::Number,
            UnaryOperator::Not => Type::Bool,
        };
        let given = self.value(operand);
        let Some(value) = self.operand(&given, &ty, operand, "unary operand") else { return Value::unknown(ty) };
        if value.is_null() {
            self.error(whole, "Operation failed", NULL_OPERAND);
            return Value::unknown(ty);
        }
        let result = match (value.as_number(), value.as_bool()) {
            (Some(number), _) => Value::number(-number),
            (_, Some(truth)) => Value::bool(!truth),
            _ => Value::unknown(ty).not_null(),
        };
        result.with_marks(value.marks())
    }

    fn operand(&mut self, given: &Value, ty: &Type, at: &Expression, which: &str) -> Option<Value> {
        match convert(given, ty) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.error(at, "Invalid operand", format!("Unsuitable value for {which}: {reason}."));
                None
            }
        }
    }

    /// Both sides are evaluated whatever the left one is, as Terraform 1.11 does.
    pub(super) fn binary(&mut self, operator: BinaryOperator, left: &Expression, right: &Expression, whole: &Expression) -> Value {
        let (operands, result) = types(operator);
        let before = self.diagnostics.0.len();
        let values = [self.value(left), self.value(right)];
        let [Some(one), Some(two)] = (match &operands {
            None => values.map(Some),
            Some(ty) => [self.operand(&values[0], ty, left, "left operand"), self.operand(&values[1], ty, right, "right operand")],
        }) else {
            return Value::unknown(result);
        };
        if self.diagnostics.0[before..].iter().any(|message| message.severity == crate::diagnostic::Severity::Error) {
            return Value::unknown(result);
        }
        if operands.is_none() {
            let equal = one.equals(&two);
            return match operator {
                BinaryOperator::NotEqual => negated(equal),
                _ => equal,
            };
        }
        if one.is_null() || two.is_null() {
            self.error(whole, "Operation failed", NULL_OPERAND);
            return Value::unknown(result);
        }
        let marks = one.marks().union(two.marks());
        match operate(operator, &one, &two) {
            Ok(value) => value.unwrap_or_else(|| Value::unknown(result).not_null()).with_marks(marks),
            Err(reason) => {
                self.error(whole, "Operation failed", format!("Error during operation: {reason}."));
                Value::unknown(result)
            }
        }
    }
}

fn negated(truth: Value) -> Value {
    match truth.as_bool() {
        Some(value) => Value::bool(!value).with_marks(truth.marks()),
        None => truth,
    }
}

/// The type of both operands, `None` for any, and of the result.
fn types(operator: BinaryOperator) -> (Option<Type>, Type) {
    use BinaryOperator::{Add, And, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Modulo, Multiply, NotEqual, Or, Subtract};
    match operator {
        Or | And => (Some(Type::Bool), Type::Bool),
        Equal | NotEqual => (None, Type::Bool),
        Less | LessOrEqual | Greater | GreaterOrEqual => (Some(Type::Number), Type::Bool),
        Add | Subtract | Multiply | Divide | Modulo => (Some(Type::Number), Type::Number),
    }
}

/// `Ok(None)` when the result is unknown.
fn operate(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Option<Value>, &'static str> {
    match operator {
        BinaryOperator::And => return Ok(decided(left, right, false)),
        BinaryOperator::Or => return Ok(decided(left, right, true)),
        _ => {}
    }
    let (Some(one), Some(two)) = (left.as_number(), right.as_number()) else {
        return Ok(match operator {
            BinaryOperator::Less => compared_by_range(left, right),
            BinaryOperator::Greater => compared_by_range(right, left),
            _ => None,
        });
    };
    let number = |result: Option<Number>, reason| result.map(|number| Some(Value::number(number))).ok_or(reason);
    match operator {
        BinaryOperator::Less => Ok(Some(Value::bool(one < two))),
        BinaryOperator::LessOrEqual => Ok(Some(Value::bool(one <= two))),
        BinaryOperator::Greater => Ok(Some(Value::bool(one > two))),
        BinaryOperator::GreaterOrEqual => Ok(Some(Value::bool(one >= two))),
        BinaryOperator::Add => number(one.add(two), "can't compute sum of opposing infinities"),
        BinaryOperator::Subtract => number(one.sub(two), "can't subtract infinity from itself"),
        BinaryOperator::Multiply => number(one.mul(two), "can't multiply zero by infinity"),
        BinaryOperator::Divide => number(one.div(two), "can't divide zero by zero or infinity by infinity"),
        _ => number(one.rem(two), "can't use modulo with zero and infinity"),
    }
}

/// `&&` and `||`: one side alone may decide.
fn decided(left: &Value, right: &Value, decisive: bool) -> Option<Value> {
    match (left.as_bool(), right.as_bool()) {
        (Some(value), _) | (_, Some(value)) if value == decisive => Some(Value::bool(decisive)),
        (Some(_), Some(_)) => Some(Value::bool(!decisive)),
        _ => None,
    }
}

/// `left < right` where the bounds of an unknown side decide it.
fn compared_by_range(left: &Value, right: &Value) -> Option<Value> {
    let highest = |value: &Value| bound(value, |refinement| refinement.maximum.clone());
    let lowest = |value: &Value| bound(value, |refinement| refinement.minimum.clone());
    match (highest(left), lowest(right)) {
        (Some((high, high_included)), Some((low, low_included))) if high < low || high == low && !(high_included && low_included) => {
            return Some(Value::bool(true));
        }
        _ => {}
    }
    match (lowest(left), highest(right)) {
        (Some((low, _)), Some((high, _))) if low >= high => Some(Value::bool(false)),
        _ => None,
    }
}

fn bound(value: &Value, which: impl Fn(&windlass_api::Refinement) -> Option<(Number, bool)>) -> Option<(Number, bool)> {
    match value.data() {
        windlass_api::Data::Number(number) => Some((number.clone(), true)),
        windlass_api::Data::Unknown(Some(refinement)) => which(refinement),
        _ => None,
    }
}
