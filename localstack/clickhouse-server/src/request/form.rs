use bytes::Bytes;
use multer::{Field, Multipart};

use super::Params;
use crate::compression::ByteStream;
use crate::exception::{Exception, Kind};

/// A table that exists for one request: its data came as a file of the form.
#[derive(Debug)]
pub struct ExternalTable {
    pub name: String,
    /// Column definitions, as in `CREATE TABLE`
    pub structure: String,
    pub format: String,
    pub data: Bytes,
}

/// Fields of the form are parameters; files are tables, described by `<name>_structure` or `_types`, and `_format`.
pub async fn read(body: ByteStream, boundary: String, params: &mut Params) -> Result<Vec<ExternalTable>, Exception> {
    let mut form = Multipart::new(body, boundary);
    let mut files: Vec<(String, Bytes)> = Vec::new();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if is_file(&field) {
            files.push((name, field.bytes().await.map_err(broken)?));
        } else {
            params.set(&name, field.text().await.map_err(broken)?);
        }
    }
    files.into_iter().map(|(name, data)| table(name, data, params)).collect()
}

fn is_file(field: &Field<'_>) -> bool {
    field.file_name().is_some()
}

fn table(name: String, data: Bytes, params: &mut Params) -> Result<ExternalTable, Exception> {
    let mut take = |suffix: &str| {
        let wanted = format!("{name}_{suffix}");
        let position = params.settings.iter().position(|(given, _)| *given == wanted)?;
        Some(params.settings.remove(position).1)
    };
    let format = take("format").unwrap_or_else(|| "TabSeparated".to_owned());
    let structure = take("structure");
    let types = take("types").map(|types| {
        let columns = types.split(',').enumerate().map(|(index, column)| format!("_{} {}", index + 1, column.trim()));
        columns.collect::<Vec<_>>().join(", ")
    });
    match structure.or(types) {
        Some(structure) => Ok(ExternalTable { name, structure, format, data }),
        None => {
            Err(Exception::new(Kind::BadArguments, format!("Neither structure nor types of the table {name} given")))
        }
    }
}

fn broken(error: multer::Error) -> Exception {
    Exception::new(Kind::BadArguments, format!("Cannot read the request's form: {error}"))
}
