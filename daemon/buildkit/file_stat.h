// One entry of a directory as BuildKit is told of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "daemon/buildkit/file_tree.h"

namespace nopo {

// The type bits of FileStat::mode.
inline constexpr uint32_t kModeDirectory = 1u << 31;
inline constexpr uint32_t kModeSymlink = 1u << 27;
inline constexpr uint32_t kModeDevice = 1u << 26;
inline constexpr uint32_t kModeNamedPipe = 1u << 25;
inline constexpr uint32_t kModeSetuid = 1u << 23;
inline constexpr uint32_t kModeSetgid = 1u << 22;
inline constexpr uint32_t kModeCharacterDevice = 1u << 21;  // With kModeDevice.
inline constexpr uint32_t kModeSticky = 1u << 20;
inline constexpr uint32_t kModeTypes = kModeDirectory | kModeSymlink | kModeDevice | kModeNamedPipe;

// Owner and group are left out: files of a context belong to root, so that machines share caches.
struct FileStat {
  std::string path;         // Relative to the directory, '/'-separated.
  uint32_t mode = 0;        // Permissions and the bits above. A socket looks like an empty file.
  int64_t size = 0;         // Bytes; 0 for directories and hard links.
  int64_t modified_ns = 0;  // Since 1970.
  std::string link;         // Symbolic link: its text. Hard link: the path sent before.
  int64_t device_major = 0;
  int64_t device_minor = 0;
  std::map<std::string, std::string> xattrs;

  bool IsDirectory() const { return (mode & kModeDirectory) != 0; }
  // Whether its content can be asked for.
  bool HasContent() const { return (mode & kModeTypes) == 0 && link.empty(); }
};

// Describes `entry` of the tree in `root`, whose extended attributes it reads. Of a hard link it
// says nothing.
FileStat DescribeFile(const std::filesystem::path& root, const TreeEntry& entry);

}  // namespace nopo
