//! The data of a version: blocks and SDK structures, field by field.

use crate::resource::{Draft, Fetch, HIDDEN_TAG, Write, enumeration, structure, wrapped_text};
use aws_sdk_ec2::types::*;
use windlass_api::{Error, ErrorKind, Value};

enumeration!(
    AcceleratorManufacturer,
    AcceleratorName,
    AcceleratorType,
    AmdSevSnpSpecification,
    BareMetal,
    BurstablePerformance,
    CapacityReservationPreference,
    CpuManufacturer,
    HostnameType,
    InstanceBandwidthWeighting,
    InstanceGeneration,
    InstanceInterruptionBehavior,
    InstanceType,
    LaunchTemplateAutoRecoveryState,
    LaunchTemplateHttpTokensState,
    LaunchTemplateInstanceMetadataEndpointState,
    LaunchTemplateInstanceMetadataProtocolIpv6,
    LaunchTemplateInstanceMetadataTagsState,
    LocalStorage,
    LocalStorageType,
    MarketType,
    NestedVirtualizationSpecification,
    SecondaryInterfaceType,
    ShutdownBehavior,
    SpotInstanceType,
    Tenancy,
    VolumeType,
);

wrapped_text!(
    InstanceIpv6AddressRequest, InstanceIpv6Address: ipv6_address;
    Ipv4PrefixSpecificationRequest, Ipv4PrefixSpecificationResponse: ipv4_prefix;
    Ipv6PrefixSpecificationRequest, Ipv6PrefixSpecificationResponse: ipv6_prefix;
    PrivateIpAddressSpecification, PrivateIpAddressSpecification: private_ip_address;
    SecondaryInterfacePrivateIpAddressSpecificationRequest, SecondaryInterfacePrivateIpAddressSpecification: private_ip_address;
);

structure!(
    RequestLaunchTemplateData, ResponseLaunchTemplateData;
    block_device_mappings, capacity_reservation_specification, cpu_options, credit_specification, disable_api_stop, disable_api_termination,
    ebs_optimized, enclave_options, hibernation_options, iam_instance_profile, image_id, instance_initiated_shutdown_behavior,
    instance_market_options, instance_requirements, instance_type, kernel_id, key_name, license_specification = license_specifications,
    maintenance_options, metadata_options, monitoring, network_interfaces, network_performance_options, placement, private_dns_name_options,
    ram_disk_id, secondary_interfaces, security_group_names = security_groups, tag_specifications, user_data,
    vpc_security_group_ids = security_group_ids,
);
structure!(LaunchTemplateBlockDeviceMappingRequest, LaunchTemplateBlockDeviceMapping; device_name, ebs, no_device, virtual_name);
structure!(
    LaunchTemplateEbsBlockDeviceRequest, LaunchTemplateEbsBlockDevice;
    delete_on_termination, encrypted, iops, kms_key_id, snapshot_id, throughput, volume_initialization_rate, volume_size, volume_type,
);
structure!(
    LaunchTemplateCapacityReservationSpecificationRequest, LaunchTemplateCapacityReservationSpecificationResponse;
    capacity_reservation_preference, capacity_reservation_target,
);
structure!(CapacityReservationTarget, CapacityReservationTargetResponse; capacity_reservation_id, capacity_reservation_resource_group_arn);
structure!(
    LaunchTemplateCpuOptionsRequest, LaunchTemplateCpuOptions;
    amd_sev_snp, core_count, nested_virtualization, threads_per_core,
);
structure!(CreditSpecificationRequest, CreditSpecification; cpu_credits);
structure!(LaunchTemplateEnclaveOptionsRequest, LaunchTemplateEnclaveOptions; enabled);
structure!(LaunchTemplateHibernationOptionsRequest, LaunchTemplateHibernationOptions; configured);
structure!(LaunchTemplateIamInstanceProfileSpecificationRequest, LaunchTemplateIamInstanceProfileSpecification; arn, name);
structure!(LaunchTemplateInstanceMarketOptionsRequest, LaunchTemplateInstanceMarketOptions; market_type, spot_options);
structure!(
    LaunchTemplateSpotMarketOptionsRequest, LaunchTemplateSpotMarketOptions;
    block_duration_minutes, instance_interruption_behavior, max_price, spot_instance_type, valid_until,
);
structure!(
    InstanceRequirementsRequest, InstanceRequirements;
    accelerator_count, accelerator_manufacturers, accelerator_names, accelerator_total_memory_mib, accelerator_types, allowed_instance_types,
    bare_metal, baseline_ebs_bandwidth_mbps, burstable_performance, cpu_manufacturers, excluded_instance_types, instance_generations,
    local_storage, local_storage_types, max_spot_price_as_percentage_of_optimal_on_demand_price, memory_gib_per_vcpu = memory_gib_per_v_cpu,
    memory_mib, network_bandwidth_gbps, network_interface_count, on_demand_max_price_percentage_over_lowest_price, require_hibernate_support,
    spot_max_price_percentage_over_lowest_price, total_local_storage_gb, vcpu_count = v_cpu_count,
);
structure!(AcceleratorCountRequest, AcceleratorCount; max, min);
structure!(AcceleratorTotalMemoryMiBRequest, AcceleratorTotalMemoryMiB; max, min);
structure!(BaselineEbsBandwidthMbpsRequest, BaselineEbsBandwidthMbps; max, min);
structure!(MemoryGiBPerVCpuRequest, MemoryGiBPerVCpu; max, min);
structure!(MemoryMiBRequest, MemoryMiB; max, min);
structure!(NetworkBandwidthGbpsRequest, NetworkBandwidthGbps; max, min);
structure!(NetworkInterfaceCountRequest, NetworkInterfaceCount; max, min);
structure!(TotalLocalStorageGbRequest, TotalLocalStorageGb; max, min);
structure!(VCpuCountRangeRequest, VCpuCountRange; max, min);
structure!(LaunchTemplateLicenseConfigurationRequest, LaunchTemplateLicenseConfiguration; license_configuration_arn);
structure!(LaunchTemplateInstanceMaintenanceOptionsRequest, LaunchTemplateInstanceMaintenanceOptions; auto_recovery);
structure!(
    LaunchTemplateInstanceMetadataOptionsRequest, LaunchTemplateInstanceMetadataOptions;
    http_endpoint, http_protocol_ipv6, http_put_response_hop_limit, http_tokens, instance_metadata_tags,
);
structure!(LaunchTemplatesMonitoringRequest, LaunchTemplatesMonitoring; enabled);
structure!(
    LaunchTemplateInstanceNetworkInterfaceSpecificationRequest, LaunchTemplateInstanceNetworkInterfaceSpecification;
    associate_carrier_ip_address, associate_public_ip_address, connection_tracking_specification, delete_on_termination, description,
    device_index, ena_srd_specification, interface_type, ipv4_address_count = secondary_private_ip_address_count,
    ipv4_addresses = private_ip_addresses, ipv4_prefix_count, ipv4_prefixes, ipv6_address_count, ipv6_addresses, ipv6_prefix_count,
    ipv6_prefixes, network_card_index, network_interface_id, primary_ipv6, private_ip_address, security_groups = groups, subnet_id,
);
structure!(
    ConnectionTrackingSpecificationRequest, ConnectionTrackingSpecification;
    tcp_established_timeout, udp_stream_timeout, udp_timeout,
);
structure!(EnaSrdSpecificationRequest, LaunchTemplateEnaSrdSpecification; ena_srd_enabled, ena_srd_udp_specification);
structure!(EnaSrdUdpSpecificationRequest, LaunchTemplateEnaSrdUdpSpecification; ena_srd_udp_enabled);
structure!(LaunchTemplateNetworkPerformanceOptionsRequest, LaunchTemplateNetworkPerformanceOptions; bandwidth_weighting);
structure!(
    LaunchTemplatePlacementRequest, LaunchTemplatePlacement;
    affinity, availability_zone, group_id, group_name, host_id, host_resource_group_arn, partition_number, spread_domain, tenancy,
);
structure!(
    LaunchTemplatePrivateDnsNameOptionsRequest, LaunchTemplatePrivateDnsNameOptions;
    enable_resource_name_dns_a_record, enable_resource_name_dns_aaaa_record, hostname_type,
);
structure!(
    LaunchTemplateInstanceSecondaryInterfaceSpecificationRequest, LaunchTemplateInstanceSecondaryInterfaceSpecification;
    delete_on_termination, device_index, interface_type, network_card_index, private_ip_address_count, private_ip_addresses,
    secondary_subnet_id,
);

impl Write for LaunchTemplateTagSpecificationRequest {
    fn element(value: &Value) -> Option<Self> {
        let tags = value.pairs("tags").into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
        let kind = value.text("resource_type").map(|text| ResourceType::from(text.as_str()));
        Some(Self::builder().set_resource_type(kind).set_tags(Some(tags)).build())
    }

    fn paths(below: &str, paths: &mut Vec<String>) {
        paths.extend(["resource_type", "tags"].iter().map(|name| format!("{below}.{name}")));
    }
}

impl crate::resource::Read for LaunchTemplateTagSpecification {
    fn element(&self) -> Value {
        let mut draft = Draft::new();
        let tags = super::ec2::tag_pairs(self.tags());
        draft.text("resource_type", self.resource_type.as_ref().map(ResourceType::as_str)).pairs("tags", tags);
        draft.into()
    }
}

/// The data of a planned template.
pub(super) fn data(planned: &Value) -> Result<RequestLaunchTemplateData, Error> {
    let data = RequestLaunchTemplateData::element(planned);
    let mut data = data.ok_or_else(|| Error::new(ErrorKind::Internal, "a launch template is no object"))?;
    for interface in data.network_interfaces.iter_mut().flatten() {
        // With a list of addresses, the primary one is marked in the list.
        if let Some(addresses) = &mut interface.private_ip_addresses {
            let primary = interface.private_ip_address.take();
            addresses.iter_mut().for_each(|address| address.primary = Some(primary.is_some() && address.private_ip_address == primary));
        }
    }
    Ok(data)
}

/// The data of a version, with the primary address where the schema has it.
pub(super) fn normalised(mut data: ResponseLaunchTemplateData) -> ResponseLaunchTemplateData {
    // Some servers repeat the tags of the template itself, which bear the hidden one.
    if let Some(specifications) = &mut data.tag_specifications {
        specifications.retain(|it| !it.tags().iter().any(|tag| tag.key() == Some(HIDDEN_TAG)));
    }
    for interface in data.network_interfaces.iter_mut().flatten() {
        let addresses = interface.private_ip_addresses.as_deref().unwrap_or_default();
        let primary = addresses.iter().find(|address| address.primary == Some(true)).and_then(|address| address.private_ip_address.clone());
        if interface.private_ip_address.is_none() {
            interface.private_ip_address = primary;
        }
    }
    data
}
