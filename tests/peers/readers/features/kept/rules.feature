Feature: rules that the plan keeps

  Scenario: buckets that are closed are closed in full
    Given I have aws_s3_bucket_public_access_block defined
    Then it must contain restrict_public_buckets
    And its value must be true

  Scenario: machines ask for tokens before they answer of themselves
    Given I have aws_launch_template defined
    Then it must contain metadata_options
    And it must contain http_tokens
    And its value must be required

  Scenario: rules say what they are for
    Given I have aws_vpc_security_group_ingress_rule defined
    Then it must contain description
