// Snapshots of directories for tests that need no fingerprint.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/buildkit/context_snapshot.h"

namespace nopo {

inline FileTree TreeOf(const std::filesystem::path& root,
                       const std::vector<std::string>& ignored = {}) {
  absl::StatusOr<FileTree> tree = ReadFileTree(root, *IgnorePatterns::Create(ignored));
  EXPECT_TRUE(tree.ok()) << tree.status();
  return tree.ok() ? *std::move(tree) : FileTree();
}

inline std::shared_ptr<const ContextSnapshot> SnapshotOf(
    const std::filesystem::path& root, const std::vector<std::string>& ignored = {},
    ContextSnapshot::OnChange on_change = ContextSnapshot::OnChange::kFail,
    std::string version = "1") {
  return std::make_shared<const ContextSnapshot>(
      std::make_shared<const FileTree>(TreeOf(root, ignored)), std::move(version), on_change);
}

}  // namespace nopo
