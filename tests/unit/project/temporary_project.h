// A project in a directory of its own, removed at the end of the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "daemon/project/project_loader.h"
#include "gtest/gtest.h"

namespace nopo {

class TemporaryProject {
 public:
  TemporaryProject() {
    std::string name = (std::filesystem::temp_directory_path() / "nopo-project-XXXXXX").native();
    root_ = ::mkdtemp(name.data());
  }
  ~TemporaryProject() { std::filesystem::remove_all(root_); }

  const std::filesystem::path& root() const { return root_; }

  // Creates the directories on the way; returns *this, so that files can be listed in a row.
  TemporaryProject& Write(const std::string& path, const std::string& text) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << text;
    return *this;
  }

  // The project, which has to be free of mistakes.
  std::shared_ptr<const Project> Load() const {
    absl::StatusOr<LoadedProject> loaded = LoadProject(root_);
    if (loaded.ok()) return loaded->project;
    ADD_FAILURE() << loaded.status();
    return std::make_shared<const Project>();
  }

  // What LoadProject complains of; "" when it does not.
  std::string Mistakes() const { return std::string(LoadProject(root_).status().message()); }

 private:
  std::filesystem::path root_;
};

}  // namespace nopo
