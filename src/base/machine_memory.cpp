// base/machine_memory.cpp: what the operating system says of it.
#include "base/machine_memory.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <unistd.h>

namespace tupelo {

namespace {

// The number in a file; UINT64_MAX where there is none ("max" stands for no limit).
uint64_t NumberIn(const std::string& path) {
  std::ifstream file(path);
  uint64_t number = UINT64_MAX;
  return file >> number ? number : UINT64_MAX;
}

// The least limit of the groups from `group` up.
uint64_t LeastLimit(const std::string& mount, std::string group, const std::string& name) {
  uint64_t least = UINT64_MAX;
  for (;;) {
    least = std::min(least, NumberIn(mount + group + "/" + name));
    size_t slash = group.rfind('/');
    if (group.empty() || slash == std::string::npos) return least;
    group.resize(slash);
  }
}

// Lines of /proc/self/cgroup are number:controllers:path; without controllers, of version 2.
uint64_t GroupLimit() {
  uint64_t least = UINT64_MAX;
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    size_t first = line.find(':');
    size_t second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    std::string path = line.substr(second + 1);
    if (controllers == ",,") {
      least = std::min(least, LeastLimit("/sys/fs/cgroup", path, "memory.max"));
    } else if (controllers.find(",memory,") != std::string::npos) {
      least = std::min(least, LeastLimit("/sys/fs/cgroup/memory", path, "memory.limit_in_bytes"));
    }
  }
  return least;
}

}  // namespace

uint64_t MachineMemory() {
  auto pages = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES));
  return std::min(pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)), GroupLimit());
}

}  // namespace tupelo
