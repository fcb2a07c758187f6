//! Blocks and SDK structures of a policy, field by field.

use crate::resource::{enumeration, structure};
use aws_sdk_autoscaling::types::*;

enumeration!(
    MetricStatistic,
    MetricType,
    PredefinedLoadMetricType,
    PredefinedMetricPairType,
    PredefinedScalingMetricType,
    PredictiveScalingMaxCapacityBreachBehavior,
    PredictiveScalingMode,
);

structure!(StepAdjustment; metric_interval_lower_bound, metric_interval_upper_bound, scaling_adjustment);
structure!(
    TargetTrackingConfiguration;
    customized_metric_specification, disable_scale_in, predefined_metric_specification, target_value,
);
structure!(
    CustomizedMetricSpecification;
    metric_dimension = dimensions, metric_name, metrics, namespace, period, statistic, unit,
);
structure!(MetricDimension; name, value);
structure!(PredefinedMetricSpecification; predefined_metric_type, resource_label);
structure!(TargetTrackingMetricDataQuery; expression, id, label, metric_stat, return_data);
structure!(TargetTrackingMetricStat; metric, period, stat, unit);
structure!(Metric; dimensions, metric_name, namespace);
structure!(
    PredictiveScalingConfiguration;
    max_capacity_breach_behavior, max_capacity_buffer, metric_specification = metric_specifications, mode, scheduling_buffer_time,
);
structure!(
    PredictiveScalingMetricSpecification;
    customized_capacity_metric_specification, customized_load_metric_specification, customized_scaling_metric_specification,
    predefined_load_metric_specification, predefined_metric_pair_specification, predefined_scaling_metric_specification, target_value,
);
structure!(PredictiveScalingCustomizedCapacityMetric; metric_data_queries);
structure!(PredictiveScalingCustomizedLoadMetric; metric_data_queries);
structure!(PredictiveScalingCustomizedScalingMetric; metric_data_queries);
structure!(MetricDataQuery; expression, id, label, metric_stat, return_data);
structure!(MetricStat; metric, stat, unit);
structure!(PredictiveScalingPredefinedLoadMetric; predefined_metric_type, resource_label);
structure!(PredictiveScalingPredefinedMetricPair; predefined_metric_type, resource_label);
structure!(PredictiveScalingPredefinedScalingMetric; predefined_metric_type, resource_label);
