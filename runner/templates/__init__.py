"""Element templates: what a typed handler takes and gives, as fields of Camunda's Modeler."""
