Feature: a rule that the plan breaks

  Scenario: nobody reaches SSH from everywhere
    Given I have aws_vpc_security_group_ingress_rule defined
    When it has from_port
    Then its value must not be 22
