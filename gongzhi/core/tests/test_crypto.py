import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.core import crypto


@given(st.text(max_size=80))
def test_what_was_put_under_cipher_opens_again(text):
    assert crypto.decrypt(crypto.encrypt(text, purpose="person.name"), purpose="person.name") == text


def test_the_same_text_gives_another_cipher_each_time_and_never_shows_itself():
    first, second = (crypto.encrypt("13800000000", purpose="p") for _ in range(2))
    assert first != second
    assert "13800000000" not in first


def test_a_changed_cipher_does_not_open():
    scheme, key, body = crypto.encrypt("陈建国", purpose="p").split(":")
    raw = bytearray(base64.b64decode(body))
    raw[15] ^= 1
    with pytest.raises(crypto.Undecipherable):
        crypto.decrypt(f"{scheme}:{key}:{base64.b64encode(raw).decode()}", purpose="p")


def test_a_cipher_moved_to_another_column_does_not_open():
    cipher = crypto.encrypt("陈建国", purpose="person.name")
    with pytest.raises(crypto.Undecipherable):
        crypto.decrypt(cipher, purpose="person.address")


def test_old_ciphers_and_hashes_still_hold_after_a_new_key_came(monkeypatch):
    old, new = "11" * 16, "22" * 16
    monkeypatch.setenv("GONGZHI_DATA_KEY", f"k1:{old}")
    crypto._keys.cache_clear()
    try:
        cipher, mark = crypto.encrypt("陈", purpose="p"), crypto.keyed_hash("138", purpose="phone")
        monkeypatch.setenv("GONGZHI_DATA_KEY", f"k2:{new},k1:{old}")
        crypto._keys.cache_clear()
        assert crypto.decrypt(cipher, purpose="p") == "陈"
        assert crypto.encrypt("陈", purpose="p").startswith("sm4gcm:k2:")
        assert crypto.keyed_hash("138", purpose="phone") == mark
    finally:
        monkeypatch.undo()
        crypto._keys.cache_clear()


def test_the_cipher_agrees_with_the_published_sm4_gcm_example():
    """RFC 8998, appendix A.1."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(bytes.fromhex("00001234567800000000abcd"))).encryptor()
    encryptor.authenticate_additional_data(bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
    text = bytes.fromhex(
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa"
    )
    encryptor.update(text)
    encryptor.finalize()
    assert encryptor.tag.hex() == "83de3541e4c2b58177e065a9bf7b62ec"


@pytest.mark.parametrize(
    ("plain", "masked"),
    [("陈建国", "陈**"), ("欧阳", "欧*"), ("陈", "*"), ("", "")],
)
def test_a_name_shows_its_first_character_only(plain, masked):
    assert crypto.mask_name(plain) == masked


@pytest.mark.parametrize(
    ("plain", "masked"), [("13800001234", "138****1234"), ("138 0000-1234", "138****1234"), ("110", "*10"), ("", "")]
)
def test_a_phone_shows_head_and_tail_only(plain, masked):
    assert crypto.mask_phone(plain) == masked


def test_writing_a_number_with_blanks_or_a_small_x_gives_the_same_hash():
    assert crypto.keyed_hash("138 0000-1234", purpose="phone") == crypto.keyed_hash("13800001234", purpose="phone")
    assert crypto.keyed_hash("11010519491231002x", purpose="id_number") == crypto.keyed_hash(
        "11010519491231002X", purpose="id_number"
    )
    assert crypto.keyed_hash("1", purpose="phone") != crypto.keyed_hash("1", purpose="id_number")
