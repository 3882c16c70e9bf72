// What may stand at the cursor of a command line. Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace nopo {

namespace v1 {
class DescribeProjectResponse;
}

struct Candidate {
  std::string text;
  std::string description;  // May be empty.
};

struct Completion {
  enum class Kind { kWords, kFiles, kDirectories };
  Kind kind = Kind::kWords;           // kFiles and kDirectories: the shell knows better.
  std::vector<Candidate> candidates;  // Each begins with what is typed already.
  bool more_follows = false;          // The word goes on behind the candidate: no space there.
};

// Describes the project that --project names ("" when it does not); empty without one.
using ProjectSource = std::function<v1::DescribeProjectResponse(const std::string& project_dir)>;

// The branches and tags of the project's repository, for the same DIR; empty without one.
using ReferenceSource = std::function<std::vector<std::string>(const std::string& project_dir)>;

// `words`: those behind "nopo" up to the cursor; the last one is being typed and may be empty.
// Asks `project` and `references` only where the answer depends on them, once.
Completion CompleteWords(const std::vector<std::string>& words, const ProjectSource& project,
                         const ReferenceSource& references);

}  // namespace nopo
