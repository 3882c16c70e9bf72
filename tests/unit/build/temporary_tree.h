// A directory of its own for a test that needs files.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "absl/time/clock.h"

namespace nopo {

class TemporaryTree {
 public:
  TemporaryTree() {
    std::string name = (std::filesystem::temp_directory_path() / "nopo-tree-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryTree() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

  void Write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << text;
  }

  // Blocks until what was written so far is old enough for its time stamps to prove something.
  void Settle() const {
    Write(".settle", "");
    struct stat status;
    ASSERT_EQ(stat((path_ / ".settle").c_str(), &status), 0);
    std::filesystem::remove(path_ / ".settle");
    const absl::Time settled = absl::TimeFromTimespec(status.st_ctim) + absl::Milliseconds(21);
    while (absl::Now() < settled) {
    }
  }

 private:
  std::filesystem::path path_;
};

}  // namespace nopo
