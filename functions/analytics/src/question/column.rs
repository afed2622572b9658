//! What a list can be grouped or divided by.

/// A column of updates and devices. Its name is the parameter's value, the answer's key and the SQL's identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    ErrorCode,
    FailureStage,
    DeviceOs,
    DeviceOsVersion,
    DeviceModel,
    TargetVersion,
    AppId,
}

/// The identifier of a column that is the same for all.
pub const NO_COLUMN: &str = "nothing";

impl Column {
    /// What updates are grouped by.
    pub const GROUPS: [Self; 7] = [
        Self::ErrorCode,
        Self::FailureStage,
        Self::DeviceOs,
        Self::DeviceOsVersion,
        Self::DeviceModel,
        Self::TargetVersion,
        Self::AppId,
    ];
    /// What devices are divided by.
    pub const SEGMENTS: [Self; 4] = [Self::DeviceOs, Self::DeviceOsVersion, Self::DeviceModel, Self::AppId];

    pub fn name(self) -> &'static str {
        match self {
            Self::ErrorCode => "error_code",
            Self::FailureStage => "failure_stage",
            Self::DeviceOs => "device_os",
            Self::DeviceOsVersion => "device_os_version",
            Self::DeviceModel => "device_model",
            Self::TargetVersion => "target_version",
            Self::AppId => "app_id",
        }
    }

    /// The column among `allowed` that is called so.
    pub fn parse(name: &str, allowed: &[Self]) -> Option<Self> {
        allowed.iter().copied().find(|column| column.name() == name)
    }

    /// The names of columns, for a message.
    pub fn names(columns: &[Self]) -> String {
        columns.iter().map(|column| column.name()).collect::<Vec<_>>().join(", ")
    }
}
