// The reader of nopo.yml: any text, as the file of a root and as that of a target.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/string_view.h"
#include "daemon/project/project_loader.h"

namespace nopo {
namespace {

// A directory in memory where there is one: a disk would be most of the work.
class ScratchProject {
 public:
  ScratchProject() {
    const std::filesystem::path memory = "/dev/shm";
    const std::filesystem::path parent =
        std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "nopo-fuzz-XXXXXX").native();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    root_ = name;
    std::filesystem::create_directories(root_ / "apps/web");
    std::filesystem::create_directories(root_ / "apps/lib");
    Write("apps/lib/nopo.yml", "commands: {test: x}");
  }
  ~ScratchProject() { std::filesystem::remove_all(root_); }

  void Write(const char* file, absl::string_view text) const {
    std::ofstream(root_ / file, std::ios::binary) << text;
  }
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

// Loads, or says why not.
void Load(const std::filesystem::path& root) {
  const absl::StatusOr<LoadedProject> loaded = LoadProject(root);
  if (!loaded.ok() && loaded.status().message().empty()) std::abort();
}

}  // namespace
}  // namespace nopo

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const nopo::ScratchProject project;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  project.Write("apps/web/nopo.yml", "");
  project.Write("nopo.yml", text);
  nopo::Load(project.root());
  project.Write("nopo.yml", "name: shop\n");
  project.Write("apps/web/nopo.yml", text);
  nopo::Load(project.root());
  return 0;
}
