// base/zone_files.cpp: where the system keeps its time zones.
#include "base/zone_files.h"

#include <cstdlib>
#include <filesystem>

namespace tupelo {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostBytes = 255;

bool IsLetter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (Lower(a[i]) != Lower(b[i])) return false;
  }
  return true;
}

// The entry of `directory` that is called `name`, whatever the case; an empty path for none.
fs::path EntryOf(const fs::path& directory, std::string_view name) {
  std::error_code failed;
  fs::directory_iterator entries(directory, failed), end;
  for (; !failed && entries != end; entries.increment(failed)) {
    if (EqualsIgnoringCase(entries->path().filename().native(), name)) return entries->path();
  }
  return {};
}

}  // namespace

std::string ZoneDirectory() {
  const char* given = std::getenv("TZDIR");
  return given != nullptr && *given != '\0' ? given : "/usr/share/zoneinfo";
}

bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > kMostBytes || !IsLetter(name[0])) return false;
  char before = '/';
  for (char c : name) {
    bool fits = IsLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+';
    if (!fits && (c != '/' || before == '/')) return false;
    before = c;
  }
  return before != '/';
}

std::string FindZoneFile(std::string_view name) {
  if (!IsZoneName(name)) return {};
  std::error_code failed;
  fs::path path = fs::path(ZoneDirectory()) / name;
  if (fs::is_regular_file(path, failed)) return path;
  path = ZoneDirectory();
  while (!name.empty()) {
    size_t slash = name.find('/');
    path = EntryOf(path, name.substr(0, slash));
    if (path.empty()) return {};
    name = slash == std::string_view::npos ? std::string_view() : name.substr(slash + 1);
  }
  return fs::is_regular_file(path, failed) ? path.native() : std::string();
}

}  // namespace tupelo
