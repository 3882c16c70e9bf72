#include "daemon/build/generated_dockerfile.h"

#include <filesystem>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/error.h"
#include "common/text.h"
#include "daemon/build/build_arguments.h"
#include "daemon/project/container_paths.h"

namespace nopo {
namespace {

std::string JsonString(absl::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&json, "\\", std::string(1, c));
    } else if (c == '\n') {
      absl::StrAppend(&json, "\\n");
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", c);
    } else {
      json.push_back(c);
    }
  }
  return json + "\"";
}

// Where the Dockerfile's own reader puts in variables and takes out quotes.
std::string EscapeWord(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"$", "\\$"}, {"\"", "\\\""}, {"'", "\\'"}});
}
std::string EnvLine(absl::string_view name, absl::string_view value) {
  return absl::StrCat("ENV ", name, "=\"",
                      absl::StrReplaceAll(value, {{"\\", "\\\\"}, {"$", "\\$"}, {"\"", "\\\""}}),
                      "\"\n");
}

std::string ShellForm(absl::string_view instruction, absl::string_view command) {
  return absl::StrCat(instruction, " [\"/bin/sh\", \"-c\", ", JsonString(command), "]\n");
}

// "" for no packages.
std::string InstallPackages(const std::vector<std::string>& packages) {
  if (packages.empty()) return "";
  const std::string words = absl::StrJoin(
      packages, " ",
      [](std::string* out, const std::string& package) { out->append(ShellQuote(package)); });
  return absl::StrReplaceAll(R"(RUN set -eu; \
    if command -v apt-get >/dev/null; then \
      export DEBIAN_FRONTEND=noninteractive; \
      apt-get update; \
      apt-get install --yes --no-install-recommends PACKAGES; \
      rm -rf /var/lib/apt/lists/*; \
    elif command -v apk >/dev/null; then \
      apk add --no-cache PACKAGES; \
    else \
      echo "this image has neither apt-get nor apk to install packages with" >&2; \
      exit 1; \
    fi
)",
                             {{"PACKAGES", words}});
}

// An id that the image has already is taken as it is, whatever its name. Others are written down by
// hand: images agree on these two files, but on no program that edits them.
std::string CreateUser(const BaseImage& os) {
  const std::string group = absl::StrCat(kImageUser, ":x:", os.gid, ":");
  const std::string user =
      absl::StrCat(kImageUser, ":x:", os.uid, ":", os.gid, "::", os.home, ":/bin/sh");
  return absl::StrReplaceAll(R"(RUN set -eu; \
    grep -q '^[^:]*:[^:]*:GID:' /etc/group || \
      echo GROUP_LINE >> /etc/group; \
    grep -q '^[^:]*:[^:]*:UID:' /etc/passwd || \
      echo USER_LINE >> /etc/passwd; \
    mkdir -p HOME APP CACHE; \
    chown UID:GID HOME APP CACHE
)",
                             {{"UID", absl::StrCat(os.uid)},
                              {"GID", absl::StrCat(os.gid)},
                              {"GROUP_LINE", ShellQuote(group)},
                              {"USER_LINE", ShellQuote(user)},
                              {"HOME", ShellQuote(os.home)},
                              {"APP", kProjectInContainer},
                              {"CACHE", kCacheInContainer}});
}

// `path` from the project root (or absolute) as a path in the image.
std::filesystem::path InImage(const std::filesystem::path& path) {
  std::string normal =
      (std::filesystem::path(kProjectInContainer) / path).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}

std::filesystem::path WorkingDir(const Target& service) {
  const std::string& configured = service.build->working_dir;
  return InImage(configured.empty() ? service.path : configured);
}

// Copies one output to where it was built. What a wildcard matches needs a directory to go to.
std::string CopyOutput(const Project& project, const std::filesystem::path& output) {
  const bool is_pattern = output.filename().string().find_first_of("*?[") != std::string::npos;
  const std::string destination =
      is_pattern ? output.parent_path().string() + "/" : output.string();
  return absl::StrCat("COPY --from=build --chown=", project.os.uid, ":", project.os.gid, " [",
                      JsonString(EscapeWord(output.string())), ", ",
                      JsonString(EscapeWord(destination)), "]\n");
}

std::string CopyOutputs(const Project& project, const Target& service) {
  if (service.build->output.empty()) return CopyOutput(project, InImage(service.path));
  std::string lines;
  for (const std::string& output : service.build->output) {
    lines += CopyOutput(project, InImage(WorkingDir(service) / output));
  }
  return lines;
}

// What containers run unless told otherwise; "" = what the base image runs.
std::string StartCommand(const Target& service) {
  if (!service.infrastructure.command.empty()) return service.infrastructure.command;
  const Command* start = service.FindCommand("start");
  return start == nullptr ? "" : start->run;
}

absl::Status CheckEnv(const Target& service) {
  for (const auto& [name, value] : service.build->env) {
    if (value.find_first_of("\r\n") == std::string::npos) continue;
    return MakeError(absl::StatusCode::kInvalidArgument, Reason::kConfiguration,
                     absl::StrCat(service.location.file, ": build.env.", name,
                                  ": has several lines; an image build takes values of one line"),
                     {"write a Dockerfile that makes the value, or set it in build.command"});
  }
  return absl::OkStatus();
}

}  // namespace

std::string BaseDockerfile(const BaseImage& os) {
  return absl::StrCat("# Generated by nopo from `os:`.\nFROM ", os.image, "\nUSER root\n",
                      InstallPackages(PackageSpecs(os)), CreateUser(os), EnvLine("HOME", os.home),
                      "WORKDIR ", kProjectInContainer, "\nUSER ", os.uid, ":", os.gid, "\n");
}

absl::StatusOr<std::string> ServiceDockerfile(const Project& project, const Target& service,
                                              absl::string_view base_tag) {
  if (absl::Status status = CheckEnv(service); !status.ok()) return status;
  const BuildSettings& build = *service.build;
  const std::string working_dir = EscapeWord(WorkingDir(service).string());
  const std::string& directory = service.infrastructure.directory;
  const std::string final_dir =
      directory.empty() ? working_dir : EscapeWord(InImage(directory).string());
  // What changes seldom comes first, so that a changed source leaves it cached.
  std::string text = absl::StrCat("# Generated by nopo from `build:`.\nFROM ", base_tag,
                                  " AS build\nUSER root\n", InstallPackages(build.packages));
  for (const auto& [name, value] : build.env) text += EnvLine(name, value);
  absl::StrAppend(&text, "COPY . ", kProjectInContainer, "\nWORKDIR ", working_dir, "\n",
                  ShellForm("RUN", build.command), "\nFROM ", base_tag, "\nWORKDIR ", final_dir,
                  "\n", CopyOutputs(project, service), "EXPOSE ", service.infrastructure.port,
                  "\n");
  const std::string command = StartCommand(service);
  if (!command.empty()) text += ShellForm("CMD", command);
  return text;
}

}  // namespace nopo
