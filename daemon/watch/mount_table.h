// Which file systems are mounted where. Linux only.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/unique_fd.h"

namespace nopo {

// This process's mount table. Mounting something over a directory changes what is in it without an
// inotify event, so whoever trusts inotify has to look here as well. Not thread-safe.
class MountTable {
 public:
  MountTable();

  // Rereads the table if it changed since the last call, which costs a poll(2) when it did not.
  void Refresh();

  // The mounts at and below `directory` (absolute, without links), each as a text that no other
  // mount has had. As of the last Refresh.
  std::vector<std::string> MountsBelow(const std::filesystem::path& directory) const;

 private:
  struct Mount {
    std::string point;
    std::string identity;
  };

  UniqueFd file_;  // Stays open: the kernel marks it when the table changes.
  std::vector<Mount> mounts_;
};

}  // namespace nopo
