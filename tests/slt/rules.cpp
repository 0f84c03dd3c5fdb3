// slt/rules.cpp: reads the table of rules.
#include "slt/rules.h"

#include <fstream>
#include <stdexcept>

namespace tupelo::slt {

Rules Rules::Read(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw std::runtime_error("cannot be read: " + path);
  Rules rules;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    const size_t first = line.find('\t');
    const size_t second = first == std::string::npos ? first : line.find('\t', first + 1);
    if (first != 5 || second == std::string::npos || second + 1 == line.size()) {
      throw std::runtime_error(path + ":" + std::to_string(number) +
                               ": not SQLSTATE (or value), pattern and reason: " + line);
    }
    const std::string pattern = line.substr(first + 1, second - first - 1);
    rules.rules_.push_back({line.substr(0, first),
                            std::regex(pattern, std::regex::ECMAScript | std::regex::icase),
                            line.substr(second + 1)});
  }
  return rules;
}

size_t Rules::Find(const std::string& sqlstate, const std::string& sql) const {
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].sqlstate == sqlstate && std::regex_search(sql, rules_[i].pattern)) return i;
  }
  return kNone;
}

}  // namespace tupelo::slt
