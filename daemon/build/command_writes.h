// Tells what the project's own commands write from what somebody edits while they run.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nopo {

// What is in a file, in short: its size and, unless it is huge, a hash. "" where there is no file.
std::string ContentOf(const std::filesystem::path& file);

// A command that writes among its own inputs, such as a package's that names no outputs, must not
// begin one round after the other; an edit made meanwhile must. So a file counts when its content
// is another one than after the round before. What is written while commands run and has another
// content after each of many rounds in a row, a file with the time in it, is given up. Pure. Not
// thread-safe.
class CommandWrites {
 public:
  static constexpr int kMostRounds = 5;

  struct Change {
    std::string content;         // See ContentOf.
    bool while_running = false;  // A command was running when it was written.
  };
  struct Verdict {
    std::vector<std::filesystem::path> news;      // What counts.
    std::vector<std::filesystem::path> given_up;  // What has just been given up.
  };

  // To be called after each round in which commands ran, with all that changed since it began.
  Verdict Judge(const std::map<std::filesystem::path, Change>& changes);

  // What they were last seen to leave in `file`; null for one that they do not write. Somebody else
  // may run them as well.
  const std::string* LastContent(const std::filesystem::path& file) const;

 private:
  struct Seen {
    std::string content;
    int rounds = 0;  // In a row, with another content each time, written while commands ran.
  };

  std::map<std::filesystem::path, Seen> seen_;
};

}  // namespace nopo
