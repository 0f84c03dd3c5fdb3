// engine/check.h: checking a database that is open, or a file, which may be damaged.
#pragma once

#include <string>
#include <vector>

#include "base/interruption.h"
#include "engine/finding.h"

namespace tupelo {

class Connection;
class FileSystem;

// Looks at the file, its log, and, when it can be opened, at all that is in it; changes nothing.
// Others may write to it meanwhile: it is looked at as it is durable at the beginning. Throws
// kUndefinedFile, kIoError; kDataCorrupted for what is no database at all, kFeatureNotSupported for
// one of another version. `path` is canonical; `interruption` may be nullptr.
std::vector<Finding> CheckFile(FileSystem& files, const std::string& path,
                               const Interruption* interruption);
// Looks at everything that the connection's database holds: what is committed now, against its
// definitions; of one in a file the file and its log, too. Others may go on meanwhile, and a
// transaction of the connection is left alone; its Interrupt() ends it (kQueryCanceled).
std::vector<Finding> CheckDatabase(Connection& connection);
// The operating system's file, by any path. `progress` as Connection::SetProgressCallback.
std::vector<Finding> CheckFile(const std::string& path, bool (*progress)(void*), void* argument);

}  // namespace tupelo
