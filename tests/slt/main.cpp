// slt/main.cpp: slt_runner, which runs .slt files and those of the sqllogictest corpus.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "slt/file_runner.h"
#include "slt/rules.h"

namespace tupelo::slt {
namespace {

constexpr const char* kUsage =
    "slt_runner [OPTIONS] FILE or FOLDER ...\n"
    "  --jobs N      files run at a time (as many as processors)\n"
    "  --skips FILE  rules for records that may differ (tests/slt/corpus_rules.tsv)\n"
    "  --limit N     failures told of each file (10)\n"
    "  --before SQL  run on each connection first, such as SET vector_size = 1; may be repeated\n"
    "  --verbose     name each file when it begins\n";

struct Options {
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  size_t limit = 10;
  bool verbose = false;
  std::vector<std::string> before;
  std::unique_ptr<Rules> rules;
  std::vector<std::string> files;
};

// A folder stands for the .slt files in it, in the order of their names.
void AddFiles(const std::string& path, std::vector<std::string>* files) {
  if (!std::filesystem::is_directory(path)) {
    files->push_back(path);
    return;
  }
  const size_t before = files->size();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.path().extension() == ".slt") files->push_back(entry.path().string());
  }
  std::sort(files->begin() + static_cast<std::ptrdiff_t>(before), files->end());
}

bool ParseOptions(int argc, char** argv, Options* options) {
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const bool has_value = i + 1 < argc;
    if (argument == "--jobs" && has_value) {
      options->jobs = static_cast<unsigned>(std::max(1, std::atoi(argv[++i])));
    } else if (argument == "--limit" && has_value) {
      options->limit = static_cast<size_t>(std::max(0, std::atoi(argv[++i])));
    } else if (argument == "--skips" && has_value) {
      options->rules = std::make_unique<Rules>(Rules::Read(argv[++i]));
    } else if (argument == "--before" && has_value) {
      options->before.emplace_back(argv[++i]);
    } else if (argument == "--verbose") {
      options->verbose = true;
    } else if (argument.starts_with("--")) {
      return false;
    } else {
      AddFiles(argument, &options->files);
    }
  }
  return !options->files.empty();
}

// Files are taken in turn by each of the threads; reports are printed as files end.
class Run {
 public:
  explicit Run(const Options& options) : options_(options) {}

  FileReport All() {
    std::vector<std::thread> threads;
    for (unsigned i = 1; i < options_.jobs; ++i) threads.emplace_back([this] { Work(); });
    Work();
    for (std::thread& thread : threads) thread.join();
    return std::move(total_);
  }

 private:
  void Work() {
    for (size_t i = next_++; i < options_.files.size(); i = next_++) {
      const std::string& path = options_.files[i];
      if (options_.verbose) std::fprintf(stderr, "%s\n", path.c_str());
      FileReport report;
      try {
        report = FileRunner(path, options_.rules.get(), options_.limit).Run(options_.before);
      } catch (const std::exception& error) {
        report.failed = 1;
        report.failures.push_back(path + ": " + error.what());
      }
      Add(report);
    }
  }

  void Add(const FileReport& report) {
    const std::lock_guard lock(mutex_);
    total_.passed += report.passed;
    total_.failed += report.failed;
    total_.left_out += report.left_out;
    for (const auto& [rule, count] : report.excused) total_.excused[rule] += count;
    for (const std::string& failure : report.failures) std::printf("%s\n", failure.c_str());
    const auto told = static_cast<int64_t>(report.failures.size());
    if (report.failed > told) {
      std::printf("    ... and %lld more in this file\n",
                  static_cast<long long>(report.failed - told));
    }
    std::fflush(stdout);
  }

  const Options& options_;
  std::atomic<size_t> next_ = 0;
  std::mutex mutex_;
  FileReport total_;  // guarded by mutex_ while threads run
};

int Main(int argc, char** argv) {
  Options options;
  if (!ParseOptions(argc, argv, &options)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  const FileReport total = Run(options).All();
  int64_t excused = 0;
  for (const auto& [index, count] : total.excused) {
    const Rule& rule = options.rules->rules()[index];
    const bool is_refusal = rule.sqlstate != Rules::kOtherValue;
    std::printf("%lld records %s%s: %s\n", static_cast<long long>(count),
                is_refusal ? "refused with " : "with another ", rule.sqlstate.c_str(),
                rule.reason.c_str());
    excused += count;
  }
  if (total.left_out > 0) {
    std::printf("%lld records are for other engines\n", static_cast<long long>(total.left_out));
  }
  std::printf("%lld records passed, %lld failed, %lld skipped in %zu files\n",
              static_cast<long long>(total.passed), static_cast<long long>(total.failed),
              static_cast<long long>(excused), options.files.size());
  return total.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace tupelo::slt

int main(int argc, char** argv) {
  try {
    return tupelo::slt::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "slt_runner: %s\n", error.what());
    return 2;
  }
}
