// The files that a project's configuration and builds are read from, compared one by one. Pure.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/project/file_stamp.h"

namespace nopo {

// What exists and is no directory, by path.
using FileStates = std::map<std::filesystem::path, FileStamp>;

// Of several stamps of one file the first counts.
FileStates StatesOf(const std::vector<FileStamp>& stamps);

// Where something must be watched to hear of changes to the files of `stamps`, of those that do not
// exist yet, and of entries of the directories among them.
std::set<std::filesystem::path> DirectoriesToWatch(const std::vector<FileStamp>& stamps);

// Files that came, went or are in another state, sorted.
std::vector<std::filesystem::path> ChangedFiles(const FileStates& before, const FileStates& after);

// "changed: apps/web/src/a.ts", "changed: apps/web/src/a.ts and 3 more"; names are from `root`
// where they lie in it. `paths` are not empty.
std::string ChangedText(const std::set<std::filesystem::path>& paths,
                        const std::filesystem::path& root);

}  // namespace nopo
