#include "daemon/buildkit/image_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "daemon/buildkit/sha256.h"
#include "tests/unit/buildkit/temp_directory.h"

namespace nopo {
namespace {

using ::testing::HasSubstr;

std::string DigestOf(const std::string& text) {
  Sha256 hash;
  hash.Update(text);
  return hash.Digest();
}

// Archives made with tar.
class ImageArchiveTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = files_.path() / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  // The digest of the manifest, or what is wrong.
  std::string Unpack() {
    const std::string archive = out_.path() / "image.tar";
    const std::string command =
        absl::StrCat("tar -C ", files_.path().string(), " -cf ", archive, " .");
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ostringstream text;
    text << std::ifstream(archive).rdbuf();
    return UnpackText(text.str());
  }
  std::string UnpackText(const std::string& archive) {
    size_t at = 0;
    const auto read = [&]() -> absl::StatusOr<absl::string_view> {
      const absl::string_view piece = absl::string_view(archive).substr(at, 700);
      at += piece.size();
      return piece;
    };
    const absl::StatusOr<std::string> digest = UnpackImageArchive(read, layout_);
    return digest.ok() ? *digest : std::string(digest.status().message());
  }
  std::string Blob(const std::string& digest) {
    std::string all;
    const absl::Status read =
        layout_.Read(digest, 0, 0, 4096, [&](int64_t, absl::string_view bytes) {
          absl::StrAppend(&all, bytes);
          return true;
        });
    return read.ok() ? all : std::string(read.message());
  }

  TempDirectory files_, out_;
  OciLayout layout_{out_.path() / "layout"};
};

TEST_F(ImageArchiveTest, TakesTheManifestOfALayout) {
  const std::string manifest = "the manifest";
  const std::string hex = DigestOf(manifest).substr(7);
  Write("blobs/sha256/" + hex, manifest);
  Write("index.json", absl::StrCat(R"({"manifests":[{"digest":"sha256:)", hex, R"("}]})"));
  Write("oci-layout", "{}");

  EXPECT_EQ(Unpack(), "sha256:" + hex);
  EXPECT_EQ(Blob("sha256:" + hex), manifest);
}

TEST_F(ImageArchiveTest, MakesAManifestOfWhatOlderEnginesWrite) {
  Write("c.json", "config");
  Write("a/layer.tar", "layer");
  Write("a/VERSION", "1.0");
  std::filesystem::create_directories(files_.path() / "b");
  std::filesystem::create_symlink("../a/layer.tar", files_.path() / "b" / "layer.tar");
  Write("manifest.json", R"([{"Config":"c.json","Layers":["a/layer.tar","b/layer.tar"]}])");

  const std::string manifest = Blob(Unpack());

  EXPECT_THAT(manifest, HasSubstr(DigestOf("config")));
  EXPECT_THAT(manifest, HasSubstr(R"("application/vnd.oci.image.layer.v1.tar")"));
  EXPECT_EQ(Blob(DigestOf("layer")), "layer");
  // Twice, as the image has it.
  const size_t first = manifest.find(DigestOf("layer"));
  EXPECT_NE(manifest.find(DigestOf("layer"), first + 1), std::string::npos);
}

TEST_F(ImageArchiveTest, SaysWhatIsMissing) {
  Write("c.json", "config");
  Write("manifest.json", R"([{"Config":"c.json","Layers":["a/layer.tar"]}])");

  EXPECT_THAT(Unpack(), HasSubstr("a/layer.tar"));
}

TEST_F(ImageArchiveTest, RefusesWhatIsNoArchive) {
  EXPECT_THAT(UnpackText("{\"message\":\"no such image\"}"), HasSubstr("archive of an image"));
  EXPECT_THAT(UnpackText(""), HasSubstr("archive of an image"));
}

}  // namespace
}  // namespace nopo
