#include "cli/companion_program.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/error.h"

namespace nopo {

bool IsProgram(const std::filesystem::path& path) {
  std::error_code error;
  return ::access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path, error);
}

absl::StatusOr<std::filesystem::path> FindCompanionProgram(absl::string_view name,
                                                           const EnvironmentReader& environment) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  std::vector<std::filesystem::path> folders;
  if (!error) {
    folders.push_back(self.parent_path());
    folders.push_back(self.parent_path().parent_path() / "libexec" / "nopo");
  }
  for (const absl::string_view folder : absl::StrSplit(environment("PATH"), ':')) {
    if (absl::StartsWith(folder, "/")) folders.emplace_back(std::string(folder));
  }
  const std::string file(name);
  const auto found = std::find_if(folders.begin(), folders.end(),
                                  [&](const auto& folder) { return IsProgram(folder / file); });
  if (found != folders.end()) return *found / file;
  return MakeError(absl::StatusCode::kNotFound, Reason::kConfiguration,
                   absl::StrCat("cannot find the program ", name, " beside ", self.string(),
                                ", in ../libexec/nopo or on PATH"));
}

}  // namespace nopo
