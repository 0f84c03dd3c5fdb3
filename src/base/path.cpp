// base/path.cpp: paths, by what the file system says of them.
#include "base/path.h"

#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/file.h"

namespace tupelo {

std::string CanonicalPath(std::string_view path) {
  if (path.find('\0') != std::string_view::npos) {
    throw Error(ErrorCode::kInvalidParameterValue, "a path has no null characters");
  }
  std::filesystem::path given{std::string(path)};
  std::error_code error;
  std::filesystem::path whole = std::filesystem::canonical(given, error);
  if (!error) return whole.string();
  if (error != std::errc::no_such_file_or_directory) {
    ThrowFileError("open the file", given.string(), error.value());
  }
  // A link that leads nowhere yet leads to the file that is to be.
  if (std::filesystem::is_symlink(given, error)) {
    std::filesystem::path target = std::filesystem::read_symlink(given, error);
    if (!error) return CanonicalPath((given.parent_path() / target).string());
  }
  std::filesystem::path directory = given.has_parent_path() ? given.parent_path() : ".";
  std::filesystem::path found = std::filesystem::canonical(directory, error);
  if (error || !given.has_filename()) {
    ThrowFileError("create the file", given.string(), error ? error.value() : ENOENT);
  }
  return (found / given.filename()).string();
}

}  // namespace tupelo
